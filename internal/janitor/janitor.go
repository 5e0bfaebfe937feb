package janitor

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.com/identityd/internal/store"
)

// Limits say how long rows are kept beyond their end, and when some of them end.
type Limits struct {
	// KeepSessions, KeepTokens, KeepFlows, KeepMail and KeepErrors count from the end of a row: its
	// expiry, or for mail its delivery and for errors their making.
	KeepSessions, KeepTokens, KeepFlows, KeepMail, KeepErrors time.Duration
	// OldestToken is the longest life of a token that has no end written down.
	OldestToken time.Duration
	// KeepAudit is how long the audit trail is kept.
	KeepAudit time.Duration
	// KeepClients is how old an application becomes that registered itself and that nobody uses.
	KeepClients time.Duration
	// Session is how long the cookie of a sign-in lasts.
	Session time.Duration
}

// Config says what is cleaned and how fast. Every field but Log and the two locks is needed.
type Config struct {
	// Hydra and Kratos are the databases. The janitor's own rows are in Kratos'.
	Hydra, Kratos *sql.DB
	// Dialect is that of both.
	Dialect store.Dialect
	// Limits say what is dead.
	Limits Limits
	// Batch is how many rows one statement removes at most.
	Batch int
	// RowsPerSecond bounds how fast rows are removed.
	RowsPerSecond int
	// AroundHydra and AroundKratos run a batch where an engine lets one write at a time; nil runs it at
	// once. They report false when the context ended first.
	AroundHydra, AroundKratos func(context.Context, func()) bool
	// Log is told what was removed; nil discards it.
	Log *slog.Logger
	// Now is the clock; nil is the one of the process.
	Now func() time.Time
}

// Janitor cleans the databases of one installation.
type Janitor struct{ cfg Config }

// New returns a Janitor.
func New(cfg Config) *Janitor {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Janitor{cfg: cfg}
}

// Removed is what became of one table.
type Removed struct {
	Table string        `json:"table"`
	Rows  int64         `json:"rows"`
	Took  time.Duration `json:"took"`
}

// MarshalJSON writes the duration as people do, as every duration is written.
func (r Removed) MarshalJSON() ([]byte, error) {
	type plain Removed
	return json.Marshal(struct {
		plain
		Took string `json:"took"`
	}{plain(r), r.Took.String()})
}

// Run walks through all tables once and removes what is dead, as the holder of the lease with this
// fence; a fence of 0 is for where there are no leases. It stops at the end of ctx, and with ErrFenced
// when a later holder has begun. A table that fails does not keep the others from being cleaned.
func (j *Janitor) Run(ctx context.Context, fence int64) ([]Removed, error) {
	fence, err := j.begin(ctx, fence)
	if err != nil {
		return nil, err
	}
	if err := j.noteBacklogs(ctx, fence); err != nil {
		return nil, err
	}
	out, failed := j.walkAll(ctx, func(ctx context.Context, s *sweep, keys []any) (int64, error) {
		return j.batch(ctx, s, keys, fence)
	}, func(ctx context.Context, r Removed) error { return j.noteTable(ctx, fence, r) })
	if err := context.Cause(ctx); err != nil {
		return out, err
	}
	if errors.Is(failed, ErrFenced) {
		return out, failed
	}
	return out, errors.Join(failed, j.finish(ctx, fence))
}

// Preview counts what Run would remove, and changes nothing. Rows that only become dead when others
// have gone are not in it.
func (j *Janitor) Preview(ctx context.Context) ([]Removed, error) {
	return j.walkAll(
		ctx,
		func(_ context.Context, _ *sweep, keys []any) (int64, error) { return int64(len(keys)), nil },
		func(context.Context, Removed) error { return nil },
	)
}

// remover deals with the keys of dead rows, at most a batch of them, and says how many it removed.
type remover func(context.Context, *sweep, []any) (int64, error)

func (j *Janitor) walkAll(ctx context.Context, remove remover, done func(context.Context, Removed) error) ([]Removed, error) {
	var (
		out    []Removed
		failed error
	)
	for _, t := range tables() {
		r, err := j.walk(ctx, t, remove)
		out = append(out, r)
		if err == nil {
			err = done(ctx, r)
		}
		if err == nil {
			continue
		}
		failed = errors.Join(failed, fmt.Errorf("cleaning %s: %w", t.name, err))
		if ctx.Err() != nil || errors.Is(err, ErrFenced) {
			return out, failed
		}
	}
	return out, failed
}

// walk goes through one table, for each tenant in turn.
func (j *Janitor) walk(ctx context.Context, t table, remove remover) (Removed, error) {
	began := j.cfg.Now()
	out := Removed{Table: t.name}
	nids, err := j.tenants(ctx, t)
	if err != nil {
		return out, err
	}
	for _, nid := range nids {
		s := &sweep{j: j, t: t, db: j.db(t.in), nid: nid, now: began}
		n, err := j.walkTenant(ctx, s, remove)
		out.Rows += n
		if err != nil {
			return out, err
		}
	}
	out.Took = j.cfg.Now().Sub(began)
	return out, nil
}

func (j *Janitor) walkTenant(ctx context.Context, s *sweep, remove remover) (removed int64, err error) {
	for more := true; more; {
		began := time.Now()
		var dead []any
		if err := j.around(ctx, s.t.in, func() (e error) { dead, more, e = s.look(ctx); return e }); err != nil {
			return removed, err
		}
		for ; len(dead) > 0; dead = dead[min(len(dead), j.cfg.Batch):] {
			n, err := remove(ctx, s, dead[:min(len(dead), j.cfg.Batch)])
			removed += n
			if err != nil {
				return removed, err
			}
			if err := j.pace(ctx, n, time.Since(began)); err != nil {
				return removed, err
			}
			began = time.Now()
		}
		if more {
			if err := j.pace(ctx, 0, time.Since(began)); err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}

// batch removes rows in a transaction of its own, after the fence was checked: for Kratos' tables in
// the same transaction, for Hydra's, which are in another database, in one before.
func (j *Janitor) batch(ctx context.Context, s *sweep, keys []any, fence int64) (n int64, err error) {
	if s.t.in == inHydra {
		err := j.around(ctx, inKratos, func() error {
			return store.Tx(ctx, j.cfg.Kratos, j.cfg.Dialect, func(tx *sql.Tx) error { return admit(ctx, tx, j, fence) })
		})
		if err != nil {
			return 0, err
		}
	}
	err = j.around(ctx, s.t.in, func() error {
		return store.Tx(ctx, s.db, j.cfg.Dialect, func(tx *sql.Tx) (err error) {
			if s.t.in == inKratos {
				if err := admit(ctx, tx, j, fence); err != nil {
					return err
				}
			}
			n, err = s.remove(ctx, tx, keys)
			return err
		})
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func (j *Janitor) db(in database) *sql.DB {
	if in == inHydra {
		return j.cfg.Hydra
	}
	return j.cfg.Kratos
}

// around runs f under the lock of the engine.
func (j *Janitor) around(ctx context.Context, in database, f func() error) error {
	lock := j.cfg.AroundKratos
	if in == inHydra {
		lock = j.cfg.AroundHydra
	}
	if lock == nil {
		return f()
	}
	var err error
	if !lock(ctx, func() { err = f() }) {
		return context.Cause(ctx)
	}
	return err
}

// tenants are the networks of a database: one, unless another product filled it.
func (j *Janitor) tenants(ctx context.Context, t table) ([]string, error) {
	if t.shared {
		return []string{""}, nil
	}
	rows, err := j.db(t.in).QueryContext(ctx, "SELECT id FROM networks ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("reading tenants: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("reading tenants: %w", err)
		}
		out = append(out, id)
	}
	return out, rows.Err()
}
