package ory

import (
	"context"
	"fmt"

	"github.com/gobuffalo/pop/v6"
	"github.com/ory/x/popx"
	"github.com/ory/x/sqlcon"
)

// Up applies what is pending, on one connection of its own to dsn, which names the same database as
// the engine's. saw is told of each step before it runs; nil is allowed. What was applied stays when
// ctx ends.
func (m *Migrations) Up(ctx context.Context, dsn string, saw func(Step)) error {
	return Guard(m.engine, func() error {
		if m.Before != nil {
			if err := m.Before(ctx); err != nil {
				return fmt.Errorf("preparing migrations: %w", err)
			}
		}
		c, err := m.dial(dsn)
		if err != nil {
			return err
		}
		defer c.Close() //nolint:errcheck // the migrations have come through or have failed by then
		if done, err := m.fromBaseline(ctx, c); err != nil || done {
			return err
		}
		err = m.migrator(c, saw).Up(ctx)
		if err != nil && ctx.Err() != nil {
			// Upstream's error of a transaction that ended with ctx does not always wrap why.
			return fmt.Errorf("%w (%v)", context.Cause(ctx), err) //nolint:errorlint // the cause is what counts
		}
		return err
	})
}

// fromBaseline reports whether nothing is left to do. Upstream's migrator would ask for each of its
// migrations by itself.
func (m *Migrations) fromBaseline(ctx context.Context, c *pop.Connection) (done bool, err error) {
	if m.Baseline == nil {
		return false, nil
	}
	state, err := m.State(ctx)
	if err != nil || state.Applied > 0 {
		return false, err
	}
	made, err := m.Baseline(ctx, c.Store.SQLDB())
	if err != nil {
		return false, fmt.Errorf("filling the empty database: %w", err)
	}
	if !made {
		return false, nil
	}
	state, err = m.State(ctx)
	return len(state.Pending) == 0, err
}

// dial opens one connection through the driver that the engine uses.
func (m *Migrations) dial(dsn string) (*pop.Connection, error) {
	details := m.conn.Dialect.Details()
	_, _, _, _, clean := sqlcon.ParseConnectionOptions(m.log, dsn)
	c, err := pop.NewConnection(&pop.ConnectionDetails{
		URL: clean, Pool: 1, IdlePool: 1,
		UseInstrumentedDriver:     details.UseInstrumentedDriver,
		InstrumentedDriverOptions: details.InstrumentedDriverOptions,
	})
	if err == nil {
		err = c.Open()
	}
	if err != nil {
		return nil, fmt.Errorf("opening the connection for migrations: %w", err)
	}
	return c, nil
}

func (m *Migrations) migrator(c *pop.Connection, saw func(Step)) *popx.Migrator {
	// Each step bounds itself by ctx; none of upstream's own has a limit either.
	up := popx.NewMigrator(c, m.log, nil, 0)
	for _, s := range m.steps {
		mi := popx.Migration{Path: s.path, Version: s.Version, Name: s.Name, Direction: "up", Type: "sql", DBType: "all"}
		if s.alone {
			mi.RunnerNoTx = func(_ popx.Migration, c *pop.Connection) error { return m.run(s, c, saw) }
		} else {
			mi.Runner = func(_ popx.Migration, c *pop.Connection, _ *pop.Tx) error { return m.run(s, c, saw) }
		}
		up.Migrations["up"] = append(up.Migrations["up"], mi)
	}
	return up
}

// run applies one step. Its error has no SQL, as upstream's would: people see it.
func (m *Migrations) run(s Step, c *pop.Connection, saw func(Step)) error {
	if saw != nil {
		saw(s)
	}
	text, err := m.text(s)
	if err != nil || trimSQL(text) == "" {
		return err
	}
	if _, err := c.Store.ExecContext(c.Context(), text); err != nil {
		return fmt.Errorf("applying migration %s (%s): %w", s.Version, s.Name, err)
	}
	return nil
}

// MarkApplied records a step whose effect is there already.
func (m *Migrations) MarkApplied(ctx context.Context, s Step) error {
	// The table's name is upstream's, the version one of a file's name.
	err := m.conn.WithContext(ctx).RawQuery("INSERT INTO "+m.table()+" (version) VALUES (?)", s.Version).Exec()
	if err != nil {
		return fmt.Errorf("recording migration %s of %s: %w", s.Version, m.engine, err)
	}
	return nil
}
