package stack

import (
	"context"
	"fmt"
	"strings"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/proof"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

// meetServers waits for both databases and asks what serves them. It returns the DSNs to use, which are
// amended where the server's own defaults would harm.
func (s *Stack) meetServers(ctx context.Context, hydra, kratos store.DSN) (_, _ store.DSN, err error) {
	report, hydra, err := s.meetServer(ctx, hydra)
	if err != nil {
		return hydra, kratos, s.explainServer(err, "hydra")
	}
	s.introduce(ctx, hydra, report)
	second, kratos, err := s.meetServer(ctx, kratos)
	if err != nil {
		return hydra, kratos, s.explainServer(err, "kratos")
	}
	if second.Server != report.Server || second.Isolation != report.Isolation {
		s.introduce(ctx, kratos, second)
	}
	return hydra, kratos, nil
}

// meetServer waits again when the database goes away between two questions.
func (s *Stack) meetServer(ctx context.Context, dsn store.DSN) (store.Report, store.DSN, error) {
	for {
		err := store.Wait(ctx, dsn, store.WaitOptions{
			Timeout: s.cfg.Database.WaitTimeout,
			Create:  s.cfg.Database.Migrate == config.MigrateAuto || s.cfg.Database.Migrate == config.MigrateEmpty,
			Reason:  s.waiting,
			Log:     s.log,
		})
		if err != nil {
			return store.Report{}, dsn, unreachable(ctx, err)
		}
		report, err := store.Inspect(ctx, dsn)
		switch {
		case err == nil:
			if report.Server.Dialect == store.Postgres && report.Isolation != store.ReadCommitted {
				dsn = dsn.WithIsolation(store.ReadCommitted)
			}
			return report, dsn, refusal(report)
		case ctx.Err() != nil, sqlseam.Classify(err) != sqlseam.Outage:
			return report, dsn, err
		}
		if err := store.Sleep(ctx, schemaPoll); err != nil {
			return report, dsn, err
		}
	}
}

// unreachable gives a wait that ended in vain its code, unless it was told to end.
func unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil || store.IsMismatch(err) != nil {
		return err
	}
	return withCode("database_unreachable", err)
}

func refusal(r store.Report) error {
	for _, f := range r.Findings {
		if f.Refused {
			return withCode("database_wrong_kind", fmt.Errorf("the server is %s: %s; %s", r.Server, f.Reason, f.Cure))
		}
	}
	return nil
}

// explainServer names the word of stack.yaml that has to change, with what to write there.
func (s *Stack) explainServer(err error, engine string) error {
	mismatch := store.IsMismatch(err)
	if mismatch == nil {
		return err
	}
	path, written, own := "database.url", s.cfg.Database.URL, s.cfg.Database.Hydra
	if engine == "kratos" {
		own = s.cfg.Database.Kratos
	}
	if !own.URL.Empty() {
		path, written = "database."+engine+".url", config.NewDSN(own.URL.Reveal())
	}
	_, rest, _ := strings.Cut(written.String(), "://")
	if mismatch.Server.Dialect == "" {
		return &config.Problems{Source: s.cfg.Source, List: []config.Problem{{
			Path: path, Message: fmt.Sprintf("must name a CockroachDB to begin with cockroach:// (the server is %s)", mismatch.Server),
		}}}
	}
	return &config.Problems{Source: s.cfg.Source, List: []config.Problem{{Path: path, Message: fmt.Sprintf(
		"must begin with %s, since the server is %s; write %s%s and keep the password and what follows the question mark",
		mismatch.Want(), mismatch.Server, mismatch.Want(), rest)}}}
}

// introduce says once what the databases are on, and what is to know of it.
func (s *Stack) introduce(ctx context.Context, dsn store.DSN, r store.Report) {
	if r.Server.Dialect == store.SQLite {
		return
	}
	attrs := []any{"database", dsn, "server", r.Server.String(), "isolation", r.Isolation}
	if r.Server.Dialect == store.Cockroach {
		attrs = append(attrs, "license", r.License.String())
	}
	if r.Connections > 0 {
		attrs = append(attrs, "connections", r.Connections)
	}
	s.log.InfoContext(ctx, "database server", attrs...)
	for _, f := range r.Findings {
		s.log.WarnContext(ctx, "database server has a known fault", "database", dsn, "server", r.Server.String(),
			"reason", f.Reason, "cure", f.Cure)
	}
	if most := s.connections(); r.Connections > 0 && most > r.Connections {
		s.log.WarnContext(ctx, "the connections of this process alone exceed those of the server",
			"pool", most, "connections", r.Connections,
			"cure", "lower database.pool.max_open, raise max_connections, or put a pooler between")
	}
	if r.Server.Dialect == store.Cockroach && !proof.Has(r.Server.Version.String()) {
		s.log.WarnContext(ctx, "this version of CockroachDB was not executed by the project; see docs/cockroachdb.md",
			"server", r.Server.String())
	}
}

// connections is the largest number that this process may have open: two engines, the leases and the
// throttle.
func (s *Stack) connections() int {
	return 2*s.cfg.Database.Pool.MaxOpen + leaseConnections + throttleConnections
}
