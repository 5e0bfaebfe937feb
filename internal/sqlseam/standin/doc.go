// Package standin lets PostgreSQL serve a cockroach:// URL in tests, by removing what only
// CockroachDB understands from Kratos' statements.
package standin
