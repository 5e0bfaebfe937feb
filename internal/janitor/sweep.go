package janitor

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/identityd/internal/store"
)

// windows is how many batches of rows one look covers.
const windows = 4

// sweep is one walk through one table of one tenant.
type sweep struct {
	j     *Janitor
	t     table
	db    *sql.DB
	nid   string
	now   time.Time
	after *position // nil at the beginning
}

// position is where a walk is: a timestamp where the table has an order, and a key.
type position struct {
	at  any
	key any
}

// clause begins a statement.
func (s *sweep) clause() *clause {
	return &clause{dialect: s.j.cfg.Dialect, limits: s.j.cfg.Limits, now: s.now}
}

// key is the column that the table is walked and rows are named by. SQLite has a better one than any
// primary key, and one table of Hydra has none there.
func (s *sweep) key() string {
	if s.j.cfg.Dialect == store.SQLite {
		return "rowid"
	}
	return s.t.key
}

// ordered says whether the walk is along a column of timestamps.
func (s *sweep) ordered() bool { return s.t.order != "" && s.j.cfg.Dialect != store.SQLite }

// end is where the walk along the order ends.
func (t table) end(c *clause) any {
	if t.millis {
		return t.until(c).UnixMilli()
	}
	return t.until(c)
}

// tenant is the condition that keeps to the tenant, and lets indexes be used.
func (s *sweep) tenant(c *clause) string {
	if s.t.shared {
		return "TRUE"
	}
	return "x.nid = " + c.arg(s.nid)
}

// look returns the keys of the dead rows of the next window, and false when the table has ended.
func (s *sweep) look(ctx context.Context) (dead []any, more bool, err error) {
	c := s.clause()
	where, order, columns := s.tenant(c), "x."+s.key(), "x.row_key"
	if s.ordered() {
		columns += ", x." + s.t.order
		order = "x." + s.t.order + ", " + order
		where += " AND x." + s.t.order + " < " + c.moment(s.t.end(c))
	}
	switch {
	case s.after == nil:
	case s.ordered():
		where += " AND (x." + s.t.order + ", x." + s.key() + ") > (" + c.moment(s.after.at) + ", " + c.arg(s.after.key) + ")"
	default:
		where += " AND x." + s.key() + " > " + c.arg(s.after.key)
	}
	// The limit comes first and the condition is a column, so that a look ends after so many rows and
	// not after so many dead ones, of which a table of millions may have none; and so that PostgreSQL
	// plans the subqueries for so many rows rather than for all, for which it has to see the number.
	inner := "SELECT x." + s.key() + " AS row_key, x.* FROM " + s.t.name + " AS x WHERE " + where +
		" ORDER BY " + order + " LIMIT " + strconv.Itoa(s.j.cfg.Batch*windows)
	query := "SELECT " + columns + ", (" + s.t.dead(c) + ") FROM (" + inner + ") AS x" +
		" ORDER BY " + strings.TrimPrefix(columns+", ", "x.row_key, ") + "x.row_key"
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, false, fmt.Errorf("looking for rows: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // it has read only
	if err := s.withoutJIT(ctx, tx); err != nil {
		return nil, false, err
	}
	rows, err := tx.QueryContext(ctx, query, c.args...)
	if err != nil {
		return nil, false, fmt.Errorf("looking for rows: %w", err)
	}
	defer rows.Close()
	seen := 0
	for rows.Next() {
		var (
			p    position
			gone sql.NullBool
		)
		into := []any{&p.key}
		if s.ordered() {
			into = append(into, &p.at)
		}
		if err := rows.Scan(append(into, &gone)...); err != nil {
			return nil, false, fmt.Errorf("reading rows: %w", err)
		}
		if seen++; gone.Bool {
			dead = append(dead, p.key)
		}
		s.after = &p
	}
	if err := rows.Err(); err != nil {
		return nil, false, fmt.Errorf("reading rows: %w", err)
	}
	return dead, seen == s.j.cfg.Batch*windows, nil
}

// withoutJIT keeps PostgreSQL from compiling statements that it takes for expensive, which for a few
// thousand rows costs more than it gains: 200 ms for each look at the flows, measured on version 15.
func (s *sweep) withoutJIT(ctx context.Context, tx *sql.Tx) error {
	if s.j.cfg.Dialect != store.Postgres {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "SET LOCAL jit = off"); err != nil {
		return fmt.Errorf("switching the compiler off: %w", err)
	}
	return nil
}

// remove deletes those of the rows that are still dead.
func (s *sweep) remove(ctx context.Context, tx *sql.Tx, keys []any) (int64, error) {
	if err := s.withoutJIT(ctx, tx); err != nil {
		return 0, err
	}
	c := s.clause()
	query := "DELETE FROM " + s.t.name + " AS x WHERE x." + s.key() + " IN (" + c.in(keys) + ") AND " +
		s.tenant(c) + " AND " + s.t.dead(c)
	res, err := tx.ExecContext(ctx, query, c.args...)
	if err != nil {
		return 0, fmt.Errorf("deleting rows: %w", err)
	}
	return res.RowsAffected()
}
