package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/throttle"
)

// Throttles are the counts of failed attempts that the processes of a region share. Each operation is one
// statement of its own, so that no lock is held between two.
type Throttles struct {
	db *sql.DB
	// around runs a write where writes go one at a time; it reports false when it could not.
	around func(context.Context, func()) bool
}

var _ throttle.Rows = (*Throttles)(nil)

// NewThrottles returns those of a database that MigrateOwn has brought up to date. around is nil but on
// SQLite.
func NewThrottles(db *sql.DB, around func(context.Context, func()) bool) *Throttles {
	if around == nil {
		around = func(_ context.Context, f func()) bool { f(); return true }
	}
	return &Throttles{db, around}
}

// What a further failure makes of a row. All arithmetic is done without division, which each database rounds
// in its own way.
const (
	throttleDebt = `(CASE WHEN identityd_throttle.debt_ms > excluded.seen_ms THEN identityd_throttle.debt_ms ELSE excluded.seen_ms END + excluded.leak_ms)`
	throttleOver = throttleDebt + ` - excluded.seen_ms > excluded.over_ms`
	throttleWait = `(CASE WHEN identityd_throttle.wait_ms = 0 THEN excluded.first_ms
		WHEN 2 * identityd_throttle.wait_ms > excluded.longest_ms THEN excluded.longest_ms ELSE 2 * identityd_throttle.wait_ms END)`
	throttleAdd = ` ON CONFLICT (key) DO UPDATE SET debt_ms = ` + throttleDebt + `,
		wait_ms = CASE WHEN ` + throttleOver + ` THEN ` + throttleWait + ` ELSE 0 END,
		until_ms = CASE WHEN ` + throttleOver + ` THEN excluded.seen_ms + ` + throttleWait + ` ELSE 0 END,
		seen_ms = excluded.seen_ms, leak_ms = excluded.leak_ms, over_ms = excluded.over_ms,
		first_ms = excluded.first_ms, longest_ms = excluded.longest_ms`
)

// Reserve implements throttle.Rows.
func (t *Throttles) Reserve(ctx context.Context, now int64, keys []throttle.Counted) (map[string]throttle.State, error) {
	then := throttleAdd + ` WHERE identityd_throttle.until_ms <= excluded.seen_ms`
	// All rules of a process agree on it. A wait that ends later was written by a clock that was set back since.
	if len(keys) > 0 && keys[0].Rule.Ahead > 0 {
		then += ` OR identityd_throttle.until_ms > excluded.seen_ms + ` + strconv.FormatInt(keys[0].Rule.Ahead, 10)
	}
	return t.upsert(ctx, now, keys, then)
}

// Add implements throttle.Rows.
func (t *Throttles) Add(ctx context.Context, now int64, keys []throttle.Counted) (map[string]throttle.State, error) {
	return t.upsert(ctx, now, keys, throttleAdd)
}

func (t *Throttles) upsert(ctx context.Context, now int64, keys []throttle.Counted, then string) (map[string]throttle.State, error) {
	// In one order, so that two statements cannot wait for each other.
	keys = slices.SortedFunc(slices.Values(keys), func(a, b throttle.Counted) int { return strings.Compare(a.Key, b.Key) })
	var (
		values []string
		args   []any
	)
	for _, k := range keys {
		first := throttle.State{}.Add(now, k.Rule)
		list := []any{k.Key, first.Debt, first.Wait, first.Until, now, k.Rule.Leak, k.Rule.Over, k.Rule.First, k.Rule.Longest}
		values = append(values, "("+placeholders(len(args), len(list))+")")
		args = append(args, list...)
	}
	return t.states(ctx, `INSERT INTO identityd_throttle (key, debt_ms, wait_ms, until_ms, seen_ms, leak_ms, over_ms, first_ms, longest_ms)
		VALUES `+strings.Join(values, ", ")+then+` RETURNING key, debt_ms, wait_ms, until_ms`, args)
}

func placeholders(after, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = "$" + strconv.Itoa(after+i+1)
	}
	return strings.Join(out, ", ")
}

// States implements throttle.Rows.
func (t *Throttles) States(ctx context.Context, keys []string) (map[string]throttle.State, error) {
	args := make([]any, len(keys))
	for i, k := range keys {
		args[i] = k
	}
	return t.states(ctx, `SELECT key, debt_ms, wait_ms, until_ms FROM identityd_throttle WHERE key IN (`+placeholders(0, len(keys))+`)`, args)
}

func (t *Throttles) states(ctx context.Context, query string, args []any) (out map[string]throttle.State, err error) {
	out = map[string]throttle.State{}
	err = t.query(ctx, query, args, func(rows *sql.Rows) error {
		var (
			key string
			s   throttle.State
		)
		if err := rows.Scan(&key, &s.Debt, &s.Wait, &s.Until); err != nil {
			return err
		}
		out[key] = s
		return nil
	})
	return out, err
}

// Release implements throttle.Rows.
func (t *Throttles) Release(ctx context.Context, now int64, keys []string, clear string) (gone []string, err error) {
	all := slices.Clone(keys)
	if clear != "" && !slices.Contains(all, clear) {
		all = append(all, clear)
	}
	slices.Sort(all)
	args := []any{now, clear}
	for _, k := range all {
		args = append(args, k)
	}
	in := " WHERE key IN (" + placeholders(2, len(all)) + ")"
	err = t.query(ctx, `DELETE FROM identityd_throttle`+in+` AND (key = $2 OR debt_ms - leak_ms <= $1) RETURNING key`, args,
		func(rows *sql.Rows) error {
			var key string
			err := rows.Scan(&key)
			gone = append(gone, key)
			return err
		})
	if err != nil || len(gone) == len(all) {
		return gone, err
	}
	// Others failed at these.
	const over = `CASE WHEN debt_ms - leak_ms - $1 > over_ms THEN `
	err = t.query(ctx, `UPDATE identityd_throttle SET debt_ms = debt_ms - leak_ms,
		wait_ms = `+over+`wait_ms ELSE 0 END, until_ms = `+over+`until_ms ELSE 0 END`+in+` AND key <> $2 RETURNING key`, args,
		func(*sql.Rows) error { return nil })
	return gone, err
}

// List implements throttle.Rows.
func (t *Throttles) List(ctx context.Context, now int64) (out []throttle.Entry, err error) {
	err = t.query(ctx, `SELECT key, debt_ms, wait_ms, until_ms FROM identityd_throttle WHERE debt_ms > $1 ORDER BY key`, []any{now},
		func(rows *sql.Rows) error {
			var (
				key string
				e   throttle.Entry
			)
			if err := rows.Scan(&key, &e.Debt, &e.Wait, &e.Until); err != nil {
				return err
			}
			if k, ok := throttle.ParseKey(key); ok {
				e.Key = k
				out = append(out, e)
			}
			return nil
		})
	return out, err
}

// Clear implements throttle.Rows.
func (t *Throttles) Clear(ctx context.Context, match func(throttle.Key) bool) (n int, err error) {
	all, err := t.List(ctx, 0)
	if err != nil {
		return 0, err
	}
	var keys []any
	for _, e := range all {
		if match(e.Key) {
			keys = append(keys, e.Key.String())
		}
	}
	for part := range slices.Chunk(keys, 500) {
		err := t.query(ctx, `DELETE FROM identityd_throttle WHERE key IN (`+placeholders(0, len(part))+`) RETURNING key`, part,
			func(*sql.Rows) error { n++; return nil })
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (t *Throttles) query(ctx context.Context, query string, args []any, each func(*sql.Rows) error) error {
	err := ctx.Err()
	if !t.around(ctx, func() { err = t.run(ctx, query, args, each) }) {
		err = context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("counting attempts: %w", err)
	}
	return nil
}

func (t *Throttles) run(ctx context.Context, query string, args []any, each func(*sql.Rows) error) error {
	// The caller goes on by what it knows itself: a dead connection here must not make its answer a 503.
	ctx, done := sqlseam.Apart(ctx)
	defer done()
	rows, err := t.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
