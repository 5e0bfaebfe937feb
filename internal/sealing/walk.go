package sealing

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"example.com/identityd/internal/store"
)

// batch is how many rows are read at once.
const batch = 200

// Seal is what one secret seals.
type Seal interface {
	// Open fails for what another secret sealed.
	Open(text string) ([]byte, error)
	// Close seals.
	Close(plain []byte) (string, error)
}

// Databases are both of an installation, with the secrets of its configuration.
type Databases struct {
	Hydra, Kratos *sql.DB
	Dialect       store.Dialect
	// Secrets are those of all kinds, in the order of their lists; Seals are theirs in the same order, nil for
	// those that seal nothing in a table.
	Secrets []Secret
	Seals   []Seal
	// Others are sealed as well, in ways that only their owners know.
	Others []Other
	// AroundHydra and AroundKratos run a batch where an engine lets one write at a time; nil runs it at once.
	// They report false when the context ended first.
	AroundHydra, AroundKratos func(context.Context, func()) bool
	// Now is the clock; nil is that of the process.
	Now func() time.Time
}

// Other is a table of Kratos' database whose owner counts it and seals it anew.
type Other struct {
	Table, Kind string
	// Count returns rows by the place of the secret in the list of its kind, -1 for none of them.
	Count func(context.Context) (map[int]int64, error)
	// Reseal seals anew with the first what another secret sealed.
	Reseal func(context.Context) (int64, error)
}

// other is walk for a table of somebody else's.
func (d Databases) other(ctx context.Context, o Other, reseal bool) (Found, error) {
	out := Found{Table: o.Table, Kind: o.Kind, By: map[int]int64{}}
	var err error
	ran := d.around(ctx, table{}, func() {
		if reseal {
			if out.Resealed, err = o.Reseal(ctx); err != nil {
				return
			}
		}
		var by map[int]int64
		if by, err = o.Count(ctx); err != nil {
			return
		}
		for place, n := range by {
			if place < 0 {
				out.Unknown += n
				continue
			}
			out.By[d.first(o.Kind)+place] += n // the lists follow each other
		}
	})
	if err == nil && !ran {
		err = context.Cause(ctx)
	}
	return out, wrap("looking through "+o.Table, err)
}

func (d Databases) now() time.Time {
	if d.Now == nil {
		return time.Now()
	}
	return d.Now()
}

// several reports whether there is more than one secret of a kind: with one there is nothing to find out.
func (d Databases) several(kind string) bool {
	n := 0
	for _, s := range d.Secrets {
		if s.Kind == kind {
			n++
		}
	}
	return n > 1
}

// by returns the position of the secret that sealed a text, and what it says; -1 for none of them.
func (d Databases) by(kind, text string) (int, []byte) {
	for i, s := range d.Secrets {
		if s.Kind != kind || d.Seals[i] == nil {
			continue
		}
		if out, err := d.Seals[i].Open(text); err == nil {
			return i, out
		}
	}
	return -1, nil
}

// first is the position of the secret that seals.
func (d Databases) first(kind string) int {
	for i, s := range d.Secrets {
		if s.Kind == kind {
			return i
		}
	}
	return -1
}

// Found is what a walk found in one table.
type Found struct {
	Table, Kind string
	// By counts rows by the position of the secret that opens them. A row that needs several counts for each.
	By map[int]int64
	// Resealed were sealed anew.
	Resealed int64
	// Unknown rows are opened by no secret; Plain ones are not sealed.
	Unknown, Plain int64
}

// walk goes through one table. With reseal it seals anew whatever the first secret did not seal, in a table
// that allows it.
func (d Databases) walk(ctx context.Context, t table, reseal bool) (Found, error) {
	out := Found{Table: t.name, Kind: t.kind, By: map[int]int64{}}
	after := any(nil)
	for {
		began := time.Now()
		var (
			cells []cell
			err   error
		)
		ran := d.around(ctx, t, func() { cells, err = d.read(ctx, t, after) })
		if err == nil && !ran {
			err = context.Cause(ctx)
		}
		if err != nil {
			return out, fmt.Errorf("looking through %s: %w", t.name, err)
		}
		for _, c := range cells {
			after = c.key
			if err := d.visit(ctx, t, c, reseal, &out); err != nil {
				return out, fmt.Errorf("looking through %s: %w", t.name, err)
			}
		}
		if len(cells) < batch {
			return out, nil
		}
		// Half of the time belongs to others.
		if err := store.Sleep(ctx, time.Since(began)); err != nil {
			return out, err
		}
	}
}

type cell struct {
	key   any
	value []byte
}

func (d Databases) read(ctx context.Context, t table, after any) ([]cell, error) {
	key := t.key
	if d.Dialect == store.SQLite {
		key = "rowid"
	}
	where, args := "TRUE", []any{}
	if t.where != nil {
		where = t.where(d.Dialect, d.now())
	}
	if after != nil {
		where += " AND " + key + " > $1"
		args = append(args, after)
	}
	rows, err := d.db(t).QueryContext(ctx,
		"SELECT "+key+", "+t.column+" FROM "+t.name+" WHERE "+where+" ORDER BY "+key+" LIMIT "+strconv.Itoa(batch), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []cell
	for rows.Next() {
		var c cell
		if err := rows.Scan(&c.key, &c.value); err != nil {
			return nil, err
		}
		if raw, ok := c.key.([]byte); ok {
			c.key = string(raw)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

func (d Databases) visit(ctx context.Context, t table, c cell, reseal bool, out *Found) error {
	texts := []string{string(c.value)}
	if t.values != nil {
		var err error
		if texts, err = t.values(c.value); err != nil {
			out.Unknown++ // not ours to mend
			return nil
		}
	}
	first := d.first(t.kind)
	by, fresh := map[int]bool{}, map[string]string{}
	for _, text := range texts {
		if plain(text) {
			out.Plain++
			return nil
		}
		i, value := d.by(t.kind, text)
		if i < 0 {
			out.Unknown++
			return nil
		}
		by[i] = true
		fresh[text] = text
		if i != first && reseal && t.replace != nil {
			var err error
			if fresh[text], err = d.Seals[first].Close(value); err != nil {
				return err
			}
		}
	}
	count := func() error {
		for i := range by {
			out.By[i]++
		}
		return nil
	}
	if len(by) == 0 || len(by) == 1 && by[first] || !reseal || t.replace == nil {
		return count()
	}
	next, err := t.replace(c.value, fresh)
	if err != nil {
		return err
	}
	done, err := d.write(ctx, t, c, next)
	if err != nil {
		return err
	}
	if done {
		out.Resealed++
		by = map[int]bool{first: true}
	}
	// Otherwise somebody wrote the row meanwhile, maybe with the old secret: the next walk sees.
	return count()
}

// write replaces a cell unless it was changed since it was read. Two processes that do the same are no
// harm: one of them finds nothing to do.
func (d Databases) write(ctx context.Context, t table, c cell, next []byte) (done bool, err error) {
	key, param := t.key, "$"
	if d.Dialect == store.SQLite {
		key = "rowid"
	}
	cast := ""
	if t.casts != "" && d.Dialect != store.SQLite {
		cast = "::" + t.casts
	}
	ran := d.around(ctx, t, func() {
		err = store.Tx(ctx, d.db(t), d.Dialect, func(tx *sql.Tx) error {
			res, err := tx.ExecContext(ctx, "UPDATE "+t.name+" SET "+t.column+" = "+param+"1"+cast+
				" WHERE "+key+" = "+param+"2 AND "+t.column+" = "+param+"3"+cast, string(next), c.key, string(c.value))
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			done = n == 1
			return err
		})
	})
	if err == nil && !ran {
		err = context.Cause(ctx)
	}
	return done, err
}

func (d Databases) db(t table) *sql.DB {
	if t.hydra {
		return d.Hydra
	}
	return d.Kratos
}

func (d Databases) around(ctx context.Context, t table, f func()) bool {
	lock := d.AroundKratos
	if t.hydra {
		lock = d.AroundHydra
	}
	if lock == nil {
		f()
		return true
	}
	return lock(ctx, f)
}
