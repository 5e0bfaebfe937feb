package move

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/identityd/internal/store"
)

// Limits of one INSERT. SQLite takes 32,766 parameters, PostgreSQL and CockroachDB 65,535; CockroachDB
// advises against statements of many megabytes.
const (
	maxParameters = 30000
	maxRows       = 500
	maxBytes      = 2 << 20
)

// writer fills one table of the target in batches, each a transaction of its own.
type writer struct {
	db      *sql.DB
	dialect store.Dialect
	task    task
	sides   []side
	args    []any
	rows    int
	bytes   int
	queries map[int]string // by the number of rows
}

func newWriter(db *sql.DB, d store.Dialect, t task) *writer {
	w := &writer{db: db, dialect: d, task: t, queries: map[int]string{}}
	for _, p := range t.columns {
		w.sides = append(w.sides, p.target(d == store.SQLite))
	}
	return w
}

// add takes a row, and writes those it has when there are enough.
func (w *writer) add(ctx context.Context, number int64, values []any) error {
	for i, s := range w.sides {
		v := values[i]
		if slices.Contains(w.task.late, s.name) {
			v = nil
		}
		bound, err := s.bind(v)
		if err != nil {
			return w.task.invalid(s.name, number, values, err)
		}
		w.args = append(w.args, bound)
		w.bytes += size(bound)
	}
	w.rows++
	if w.rows == maxRows || (w.rows+1)*len(w.sides) > maxParameters || w.bytes > maxBytes {
		return w.flush(ctx)
	}
	return nil
}

// flush writes what there is.
func (w *writer) flush(ctx context.Context) error {
	if w.rows == 0 {
		return nil
	}
	query, ok := w.queries[w.rows]
	if !ok {
		query = w.insert(w.rows)
		w.queries[w.rows] = query
	}
	err := store.Tx(ctx, w.db, w.dialect, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, w.args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("writing %s: %w", w.task.name, explain(err))
	}
	w.args, w.rows, w.bytes = w.args[:0], 0, 0
	return nil
}

func (w *writer) insert(rows int) string {
	var names []string
	for _, s := range w.sides {
		names = append(names, quoted(s.name))
	}
	var out strings.Builder
	out.WriteString("INSERT INTO " + quoted(w.task.name) + " (" + strings.Join(names, ", ") + ") VALUES ")
	n := 0
	for row := range rows {
		if row > 0 {
			out.WriteString(", ")
		}
		for i := range names {
			n++
			out.WriteString(map[bool]string{true: "(", false: ", "}[i == 0] + "$" + strconv.Itoa(n))
		}
		out.WriteByte(')')
	}
	return out.String()
}

func size(v any) int {
	switch x := v.(type) {
	case string:
		return len(x)
	case []byte:
		return len(x)
	}
	return 8
}

// empty deletes what an earlier run left of a table, some rows at a time: CockroachDB does not like
// large transactions.
func empty(ctx context.Context, db *sql.DB, d store.Dialect, t task) error {
	query := "DELETE FROM " + quoted(t.name)
	if len(t.key) > 0 {
		var key []string
		for _, k := range t.key {
			key = append(key, quoted(k))
		}
		list := strings.Join(key, ", ")
		query += " WHERE (" + list + ") IN (SELECT " + list + " FROM " + quoted(t.name) + " LIMIT 1000)"
	}
	for gone := int64(-1); gone != 0; {
		err := store.Tx(ctx, db, d, func(tx *sql.Tx) error {
			res, err := tx.ExecContext(ctx, query)
			if err != nil {
				return err
			}
			gone, err = res.RowsAffected()
			return err
		})
		if err != nil {
			return fmt.Errorf("emptying %s: %w", t.name, explain(err))
		}
	}
	return nil
}
