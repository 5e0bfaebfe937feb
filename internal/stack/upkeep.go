package stack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/installation"
	"example.com/identityd/internal/janitor"
	"example.com/identityd/internal/store"
)

// CleanUp is one run of the janitor for a command: it waits for its turn, removes what is dead and says
// how much. A dry run removes nothing and waits for nobody.
func CleanUp(ctx context.Context, cfg config.Config, opts Options, dry bool) ([]janitor.Removed, error) {
	dbs, err := openForCommand(ctx, cfg, opts.Log)
	if err != nil {
		return nil, err
	}
	defer dbs.close()
	s := &Stack{cfg: cfg, opts: opts, log: opts.Log}
	if err := s.checkProfile(ctx, turns{db: dbs.kratos, dialect: dbs.dialect}); err != nil {
		return nil, err
	}
	j := janitor.New(janitorConfig(cfg, dbs, opts.Log))
	if _, err := j.Last(ctx); err != nil {
		return nil, unmigrated(err, dbs.dialect)
	}
	if dry {
		return j.Preview(ctx)
	}
	if dbs.dialect == store.SQLite {
		return j.Run(ctx, 0)
	}
	dbs.kratos.SetMaxOpenConns(4) // one keeps the lease, one renews it
	var out []janitor.Removed
	t := turns{db: dbs.kratos, dialect: dbs.dialect, leases: store.NewLeases(dbs.kratos, dbs.dialect, s.holder(), s.log)}
	lease, err := t.leases.Acquire(ctx, leaseJanitor)
	if err != nil {
		return nil, fmt.Errorf("waiting for the lease %s: %w", leaseJanitor, err)
	}
	out, err = j.Run(lease.Context(), lease.Fence())
	return out, errors.Join(err, lease.Release(context.WithoutCancel(ctx)))
}

// JanitorStatus is what the janitor has done and has to do.
type JanitorStatus struct {
	Enabled bool `json:"enabled"`
	// Began and Ended are those of the latest run; nil when there was none, or none has ended.
	Began  *time.Time            `json:"began"`
	Ended  *time.Time            `json:"ended"`
	Tables []janitor.TableStatus `json:"tables"`
}

// ReadJanitorStatus reads it from the databases.
func ReadJanitorStatus(ctx context.Context, cfg config.Config, opts Options) (JanitorStatus, error) {
	dbs, err := openForCommand(ctx, cfg, opts.Log)
	if err != nil {
		return JanitorStatus{}, err
	}
	defer dbs.close()
	last, tables, err := janitor.New(janitorConfig(cfg, dbs, opts.Log)).Status(ctx, true)
	if err != nil {
		return JanitorStatus{}, unmigrated(err, dbs.dialect)
	}
	out := JanitorStatus{Enabled: cfg.Janitor.Enabled, Tables: tables}
	if !last.Began.IsZero() {
		out.Began = &last.Began
	}
	if !last.Ended.IsZero() {
		out.Ended = &last.Ended
	}
	return out, nil
}

// OriginChange is what a file would change of its installation, and what that would do.
type OriginChange struct {
	Installation installation.Row          `json:"installation"`
	Differences  []installation.Difference `json:"differences"`
	Consequences []string                  `json:"consequences"`
	Counts       installation.Counts       `json:"counts"`
	// Accepted says that the installation is what the file says from now on.
	Accepted bool `json:"accepted"`
}

// ChangeOrigin compares the file with its installation, and with accept makes the installation what the
// file says.
func ChangeOrigin(ctx context.Context, cfg config.Config, opts Options, accept bool) (OriginChange, error) {
	dbs, err := openForCommand(ctx, cfg, opts.Log)
	if err != nil {
		return OriginChange{}, err
	}
	defer dbs.close()
	row, err := installation.Read(ctx, dbs.kratos, dbs.dialect)
	switch {
	case err != nil:
		return OriginChange{}, err
	case row == nil:
		return OriginChange{}, errors.New("this database was never served from; identityd serve writes down what the file says then")
	}
	is := facts(cfg, unservedURLs(cfg))
	// What the file leaves to the bound port is no wish for a change.
	if cfg.Origin == "" && cfg.URLs.Hydra == "" {
		is.Issuer = row.Issuer
	}
	if cfg.Origin == "" && cfg.URLs.UI == "" && is.Loopback() {
		is.RPID = row.RPID
	}
	out := OriginChange{Installation: *row, Differences: installation.Compare(row.Facts, is), Consequences: []string{}}
	if len(out.Differences) == 0 {
		out.Differences = []installation.Difference{} // a list is never null
		return out, nil
	}
	if out.Counts, err = installation.Count(ctx, dbs.hydra, dbs.kratos, dbs.dialect); err != nil {
		return OriginChange{}, err
	}
	out.Consequences = installation.Consequences(out.Differences, out.Counts, factWords(cfg))
	if !accept {
		return out, nil
	}
	if err := installation.Change(ctx, dbs.kratos, dbs.dialect, is, opts.Version); err != nil {
		return OriginChange{}, err
	}
	out.Accepted = true
	return out, nil
}
