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

// fillIn writes the columns that had to wait until every row of every table was there.
func fillIn(ctx context.Context, from reader, db *sql.DB, d store.Dialect, t task) error {
	var condition, set, where []string
	args := 0
	assign := func(names []string, to *[]string) {
		for _, n := range names {
			args++
			*to = append(*to, quoted(n)+" = $"+strconv.Itoa(args))
		}
	}
	assign(t.late, &set)
	assign(t.key, &where)
	for _, n := range t.late {
		condition = append(condition, quoted(n)+" IS NOT NULL")
	}
	update := "UPDATE " + quoted(t.name) + " SET " + strings.Join(set, ", ") + " WHERE " + strings.Join(where, " AND ")
	needed := slices.Concat(t.late, t.key)
	var batch [][]any
	flush := func() error {
		err := store.Tx(ctx, db, d, func(tx *sql.Tx) error {
			for _, row := range batch {
				if _, err := tx.ExecContext(ctx, update, row...); err != nil {
					return err
				}
			}
			return nil
		})
		batch = nil
		return explain(err)
	}
	err := from.each(ctx, t, " WHERE "+strings.Join(condition, " OR "), func(number int64, values []any) error {
		var row []any
		for _, n := range needed {
			i := slices.IndexFunc(t.columns, func(p pair) bool { return p.name == n })
			bound, err := t.columns[i].target(d == store.SQLite).bind(values[i])
			if err != nil {
				return t.invalid(n, number, values, err)
			}
			row = append(row, bound)
		}
		if batch = append(batch, row); len(batch) < maxRows {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return fmt.Errorf("filling in %s: %w", t.name, err)
	}
	return nil
}

// unfill takes back what fillIn wrote in an earlier run: it would keep rows from being deleted.
func unfill(ctx context.Context, p part, d store.Dialect, todo map[string]bool) error {
	for _, t := range p.plan.tasks {
		if len(t.late) == 0 || !todo[t.name] {
			continue
		}
		var set []string
		for _, n := range t.late {
			set = append(set, quoted(n)+" = NULL")
		}
		err := store.Tx(ctx, p.To, d, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE "+quoted(t.name)+" SET "+strings.Join(set, ", "))
			return err
		})
		if err != nil {
			return fmt.Errorf("emptying %s: %w", t.name, explain(err))
		}
	}
	return nil
}
