package doctor

import (
	"context"

	"example.com/identityd/internal/sealing"
	"example.com/identityd/internal/store"
)

// pool compares what all processes may open with what the server grants.
func pool() Check {
	return Check{
		Area: Database, Name: "pool", Tells: "the server has room for the connections of all processes",
		Words: []string{"database.pool"}, Needs: NeedsDatabase,
		Run: func(ctx context.Context, s *Subject) []Finding {
			m := s.Kratos(ctx)
			if m.DSN.Dialect() == store.SQLite {
				return []Finding{Okf("SQLite has no limit")}
			}
			report, err := store.Inspect(ctx, m.DSN)
			if err != nil || report.Connections == 0 {
				return []Finding{Skippedf("the server names no limit")}
			}
			processes := s.processes(ctx)
			each := 2*s.Config.Database.Pool.MaxOpen + s.Engines.Connections
			most := processes * each
			others, known := othersConnected(ctx, m)
			const cure = "lower database.pool.max_open, raise max_connections of the server, or put a pooler between"
			const text = "database.pool.max_open is %d: %s may open %d connections (%d each), and the server has %d"
			who := count(processes, "process")
			switch {
			case most > report.Connections:
				return []Finding{Faultf(text, s.Config.Database.Pool.MaxOpen, who, most, each, report.Connections).Cured(cure)}
			case known && most > report.Connections-others:
				return []Finding{Warningf(text+", of which others use %d", s.Config.Database.Pool.MaxOpen, who, most, each, report.Connections, others).Cured(cure)}
			}
			return []Finding{Okf("%s may open %d of the server's %d connections", who, most, report.Connections)}
		},
	}
}

// processes counts those that serve, this one included where none does.
func (s *Subject) processes(ctx context.Context) int {
	m := s.Kratos(ctx)
	if !m.Tables {
		return 1
	}
	readers, err := sealing.Ledger{DB: m.DB, Dialect: m.DSN.Dialect(), Now: s.Host.Now}.Readers(ctx)
	if err != nil {
		return 1
	}
	return max(len(readers), 1)
}

// othersConnected counts connections of others on PostgreSQL, by the names that ours have.
func othersConnected(ctx context.Context, m *Meeting) (n int, known bool) {
	err := m.DB.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity
		WHERE backend_type = 'client backend' AND application_name NOT LIKE 'identityd/%'`).Scan(&n)
	return n, err == nil
}
