package bootstrap

import "example.com/identityd/internal/store"

// Plan is what there has to be in the end. Running it again changes nothing.
type Plan struct {
	Dialect store.Dialect
	// Databases are both, in the order in which they are made.
	Databases []Database
}

// Database is one of the two.
type Database struct {
	Name string
	// Serving reads and writes rows. Both databases may share one.
	Serving string
	// Migrating owns the database and every table in it.
	Migrating string
}

// Roles returns the users of a plan, each once, in the order of their first use.
func (p Plan) Roles() []string {
	var out []string
	seen := map[string]bool{}
	for _, d := range p.Databases {
		for _, role := range []string{d.Migrating, d.Serving} {
			if !seen[role] {
				seen[role] = true
				out = append(out, role)
			}
		}
	}
	return out
}

// Result is what was done.
type Result struct {
	Server store.Server
	// Created are the databases and users that did not exist.
	CreatedDatabases, CreatedRoles []string
	// SetPasswords are the users whose password was set, the created ones included.
	SetPasswords []string
	// Moved counts the tables that were given to the migrating user, by database.
	Moved map[string]int
	// Warnings are what an administrator should know.
	Warnings []string
}
