package move

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// reader reads whole tables of one side, one row at a time.
type reader struct {
	q      querier
	sqlite bool
	target bool
}

func (r reader) side(p pair) side {
	if r.target {
		return p.target(r.sqlite)
	}
	return p.source(r.sqlite)
}

// each calls f with every row of the task's table, its values as side.read makes them. The slice is
// used again. condition is SQL, or empty.
func (r reader) each(ctx context.Context, t task, condition string, f func(number int64, values []any) error) error {
	sides := make([]side, len(t.columns))
	list := make([]string, len(t.columns))
	for i, p := range t.columns {
		sides[i] = r.side(p)
		list[i] = sides[i].expression()
	}
	query := "SELECT " + strings.Join(list, ", ") + " FROM " + quoted(t.name) + condition
	rows, err := r.q.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("reading %s: %w", t.name, explain(err))
	}
	defer rows.Close()
	raw, into, values := make([]any, len(sides)), make([]any, len(sides)), make([]any, len(sides))
	for i := range raw {
		into[i] = &raw[i]
	}
	for n := int64(1); rows.Next(); n++ {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("reading %s: %w", t.name, explain(err))
		}
		for i, s := range sides {
			if values[i], err = s.read(raw[i]); err != nil {
				return t.invalid(s.name, n, raw, err)
			}
		}
		if err := f(n, values); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", t.name, explain(err))
	}
	return nil
}

func (r reader) count(ctx context.Context, t task) (int64, error) {
	var n int64
	if err := r.q.QueryRowContext(ctx, "SELECT count(*) FROM "+quoted(t.name)).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting %s: %w", t.name, explain(err))
	}
	return n, nil
}

// digest sums up a table as this side has it.
func (r reader) digest(ctx context.Context, t task, tick func(rows int64)) (digest, error) {
	var d digest
	err := r.each(ctx, t, "", func(n int64, values []any) error {
		tick(n)
		if err := d.add(t.columns, values); err != nil {
			return t.invalid("", n, values, err)
		}
		return nil
	})
	return d, err
}

// invalid names a row by its id, if that says nothing else; other keys are tokens.
func (t task) invalid(column string, number int64, values []any, err error) error {
	row := "number " + strconv.FormatInt(number, 10)
	for i, p := range t.columns {
		if p.name != "id" || len(t.key) != 1 || t.key[0] != "id" {
			continue
		}
		if text, ok := values[i].(string); ok {
			if id, err := readUUID(text); err == nil {
				row = fmt.Sprint(id)
			}
		}
	}
	return &valueError{table: t.name, column: column, row: row, err: err}
}
