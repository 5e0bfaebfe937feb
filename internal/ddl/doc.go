// Package ddl tells from the catalog of PostgreSQL or CockroachDB whether what a migration would make is
// there already, as it should be.
package ddl
