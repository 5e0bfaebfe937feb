// Package standin lets PostgreSQL serve a cockroach:// URL in tests, by removing what only
// CockroachDB understands from Kratos' statements, and by saying that it is one.
package standin
