package store

import (
	"fmt"
	"time"
)

// Finding is something to know of a server.
type Finding struct {
	// Refused ends the start; otherwise it is only said.
	Refused bool
	// Reason says what is wrong, Cure what to do.
	Reason, Cure string
}

// fault is a known fault of the servers from one version up to another, which is not included.
type fault struct {
	dialect Dialect
	from    [2]int
	before  [2]int // 0, 0: no end is known
	finding Finding
}

// faults is what is known to be wrong with servers. An entry has its source in a comment; where it says
// read, nobody has run it.
func faults() []fault {
	never := [2]int{}
	return []fault{
		// Kratos' migration 20230920171028 creates the extensions pg_trgm and btree_gin, which the owner of a
		// database may do since 13 (PostgreSQL 13, release notes: trusted extensions); Hydra's use
		// gen_random_uuid, in the core since 13. 12 is the oldest that upstream's migrations name.
		{Postgres, never, [2]int{12, 0}, Finding{
			true, "the migrations of Hydra and Kratos need PostgreSQL 12 or newer", "upgrade the server, best to a release that is maintained",
		}},
		{Postgres, [2]int{12, 0}, [2]int{13, 0}, Finding{
			false, "Kratos' migrations create extensions, which needs a superuser before PostgreSQL 13",
			"as a superuser, in the database of Kratos: CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin",
		}},
		// Kratos' own tests ran on v22.2.6 at this version; older ones lack what its migrations use (read).
		{Cockroach, never, [2]int{22, 2}, Finding{
			true, "the engines were written for CockroachDB v22.2 and newer", "upgrade the cluster, best to a release that is maintained",
		}},
		// cockroach#105342: a table that foreign keys point to may have a TTL only since the last of v22.2 (read).
		{Cockroach, [2]int{22, 2}, [2]int{23, 1}, Finding{
			false, "row-level TTL is refused for tables that others reference", "leave the expiry of rows to identityd's janitor, or upgrade",
		}},
	}
}

// noted are faults that identityd deals with by itself. They are for documents and support, not for the
// log of every start.
func noted() []fault {
	return []fault{
		// ory/hydra#3964; CockroachDB v25.1, backward-incompatible changes: autocommit_before_ddl (read).
		{Cockroach, [2]int{25, 1}, [2]int{}, Finding{
			false, "autocommit_before_ddl commits between the statements of a migration, and four of Hydra's fail",
			"none needed: identityd migrates with a text of its own for the four, and with autocommit_before_ddl off",
		}},
		// cockroach#148655: 30 s became 100 s for a suite of schema changes (read).
		{Cockroach, [2]int{25, 2}, [2]int{}, Finding{
			false, "each schema change is slower, and migrating an empty database takes minutes",
			"run identityd migrate as a job before the new version serves",
		}},
	}
}

func (f fault) hits(s Server) bool {
	if f.dialect != s.Dialect || s.Version.Before(f.from[0], f.from[1]) {
		return false
	}
	return f.before == [2]int{} || s.Version.Before(f.before[0], f.before[1])
}

// Faults returns what is known to be wrong with a server on a day, the refusals first.
func Faults(s Server, now time.Time) []Finding {
	if s.Dialect == "" {
		return []Finding{{
			Reason: s.String() + " is neither PostgreSQL nor CockroachDB, and nobody has tried it with identityd",
			Cure:   "use PostgreSQL or CockroachDB",
		}}
	}
	var out []Finding
	for _, f := range faults() {
		if f.hits(s) {
			out = append(out, f.finding)
		}
	}
	if len(out) > 0 && out[0].Refused {
		return out[:1]
	}
	if end, known := supportedUntil(s); known && now.After(end) {
		out = append(out, Finding{
			Reason: fmt.Sprintf("its maker stopped maintaining it on %s", end.Format(time.DateOnly)),
			Cure:   "upgrade to a release that is maintained",
		})
	}
	if s.Version.Pre != "" {
		out = append(out, Finding{Reason: "it is not a release", Cure: "run a release where data matters"})
	}
	return out
}

// Notes returns the faults of a server that identityd deals with by itself.
func Notes(s Server) []Finding {
	var out []Finding
	for _, f := range noted() {
		if f.hits(s) {
			out = append(out, f.finding)
		}
	}
	return out
}

// supportedUntil returns the last day on which the maker of a server mends it: postgresql.org/support/versioning,
// and the last column of cockroachdb/docs src/current/_data/versions.csv that has a date.
func supportedUntil(s Server) (time.Time, bool) {
	ends := map[Dialect]map[[2]int]string{
		Postgres: {
			{12, 0}: "2024-11-21", {13, 0}: "2025-11-13", {14, 0}: "2026-11-12", {15, 0}: "2027-11-11",
			{16, 0}: "2028-11-09", {17, 0}: "2029-11-08", {18, 0}: "2030-11-14",
		},
		Cockroach: {
			{22, 2}: "2024-06-05", {23, 1}: "2025-11-13", {23, 2}: "2026-07-08", {24, 1}: "2026-10-21", {24, 2}: "2025-02-12",
			{24, 3}: "2027-05-05", {25, 1}: "2025-08-18", {25, 2}: "2027-12-17", {25, 3}: "2026-02-04", {25, 4}: "2027-05-03",
			{26, 1}: "2026-08-02", {26, 2}: "2027-10-27",
		},
	}
	series := [2]int{s.Version.Major, 0}
	if s.Dialect == Cockroach {
		series[1] = s.Version.Minor
	}
	end, err := time.Parse(time.DateOnly, ends[s.Dialect][series])
	return end.AddDate(0, 0, 1), err == nil
}
