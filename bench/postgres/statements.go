package postgres

import (
	"context"
	"fmt"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// prepare makes what counts statements. It lives in one database and sees all of them.
func (p *Server) prepare(ctx context.Context) error {
	return p.with(ctx, "postgres", func(c *pgx.Conn) error {
		if _, err := c.Exec(ctx, "CREATE EXTENSION pg_stat_statements"); err != nil {
			return fmt.Errorf("making pg_stat_statements: %w", err)
		}
		return c.QueryRow(ctx, "SHOW server_version").Scan(&p.Version)
	})
}

// Recreate drops the databases if they are there and makes them anew.
func (p *Server) Recreate(ctx context.Context, names ...string) error {
	return p.with(ctx, "postgres", func(c *pgx.Conn) error {
		for _, name := range names {
			name = pgx.Identifier{name}.Sanitize()
			for _, s := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
				if _, err := c.Exec(ctx, s); err != nil {
					return fmt.Errorf("running %q: %w", s, err)
				}
			}
		}
		return nil
	})
}

// Statement is what was asked of one database in one form.
type Statement struct {
	Database, Query string
	Calls, Rows     int64
	// Milliseconds is how long the server took for all calls.
	Milliseconds float64
}

// Reset forgets what was counted.
func (p *Server) Reset(ctx context.Context) error {
	return p.with(ctx, "postgres", func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SELECT pg_stat_statements_reset()")
		return err
	})
}

// Statements returns what was asked of the databases since Reset, the most frequent first. BEGIN, COMMIT and the like are among it.
func (p *Server) Statements(ctx context.Context, databases ...string) (out []Statement, err error) {
	err = p.with(ctx, "postgres", func(c *pgx.Conn) error {
		rows, err := c.Query(ctx, `SELECT d.datname, s.query, s.calls, s.rows, s.total_exec_time
			FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = ANY ($1) ORDER BY s.calls DESC, s.query`, databases)
		if err != nil {
			return fmt.Errorf("reading pg_stat_statements: %w", err)
		}
		out, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Statement])
		return err
	})
	return out, err
}

// Run executes statements one by one in a database.
func (p *Server) Run(ctx context.Context, database string, statements ...string) error {
	return p.with(ctx, database, func(c *pgx.Conn) error {
		for _, s := range statements {
			if _, err := c.Exec(ctx, s); err != nil {
				return fmt.Errorf("running %.200q: %w", s, err)
			}
		}
		return nil
	})
}

// Size is how many bytes a database takes.
func (p *Server) Size(ctx context.Context, database string) (n int64, err error) {
	err = p.with(ctx, "postgres", func(c *pgx.Conn) error {
		return c.QueryRow(ctx, "SELECT pg_database_size($1::text)", database).Scan(&n)
	})
	return n, err
}

// Free is how many bytes are free where its databases are.
func (p *Server) Free() (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(p.dir, &s); err != nil {
		return 0, fmt.Errorf("looking for free space: %w", err)
	}
	return int64(s.Bavail) * s.Bsize, nil
}

func (p *Server) with(ctx context.Context, database string, do func(*pgx.Conn) error) error {
	c, err := pgx.Connect(ctx, p.URL(database))
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	defer c.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the statements decide
	return do(c)
}
