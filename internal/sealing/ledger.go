package sealing

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/identityd/internal/store"
)

// How often a process says which secrets it serves with, and how long it is believed to live without
// saying so again.
const (
	Beat  = time.Minute
	alive = 5 * Beat
	// step is how exact the time is at which a secret last sealed: one write in so long, for all processes.
	step = 10 * time.Minute
)

// Secret is a secret in force, without its value.
type Secret struct {
	Kind, Fingerprint string
	// Made is when it was made; zero where nobody wrote that down.
	Made time.Time
}

// Row is what the database knows of a secret.
type Row struct {
	// First is when a process first knew it.
	First time.Time
	// Sealing is when it was last the first of a list, and sealed. A secret that was behind others when it was
	// first seen may have sealed until then.
	Sealing time.Time
	// Rows and Until are what the last count found: how many rows of the databases only it opens, and until
	// when it may be needed. Counted is when that was, zero for never.
	Rows    int64
	Until   time.Time
	Counted time.Time
}

// Reader is a process that serves.
type Reader struct {
	Holder string
	// Knows are the fingerprints of each kind, in the order of its lists.
	Knows map[string][]string
	Seen  time.Time
}

// Ledger is what all processes of an installation know of their secrets. It is in the tables
// identityd_secret and identityd_secret_reader, which store.MigrateOwn makes.
type Ledger struct {
	DB      *sql.DB
	Dialect store.Dialect
	// Now is the clock; nil is that of the process.
	Now func() time.Time
}

func (l Ledger) now() time.Time {
	if l.Now == nil {
		return time.Now()
	}
	return l.Now()
}

// Note writes down that holder serves with these secrets, the first of each kind sealing.
func (l Ledger) Note(ctx context.Context, holder string, list []Secret) error {
	now := l.now().UnixMilli()
	err := store.Tx(ctx, l.DB, l.Dialect, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO identityd_secret_reader (holder, knows, seen_ms) VALUES ($1, $2, $3)
			ON CONFLICT (holder) DO UPDATE SET knows = excluded.knows, seen_ms = excluded.seen_ms`, holder, encode(list), now)
		if err != nil {
			return err
		}
		sealing := map[string]bool{}
		for _, s := range list {
			first := !sealing[s.Kind]
			sealing[s.Kind] = true
			_, err := tx.ExecContext(ctx, `INSERT INTO identityd_secret (kind, fingerprint, first_ms, sealing_ms) VALUES ($1, $2, $3, $3)
				ON CONFLICT (kind, fingerprint) DO NOTHING`, s.Kind, s.Fingerprint, now)
			if err == nil && first {
				// Written only when the step has passed: not by each process in each minute.
				_, err = tx.ExecContext(ctx, `UPDATE identityd_secret SET sealing_ms = $1
					WHERE kind = $2 AND fingerprint = $3 AND sealing_ms < $4`, now, s.Kind, s.Fingerprint, now-step.Milliseconds())
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return wrap("writing down the secrets in use", err)
}

// Leave writes down that holder has ended: the secrets that it sealed with have sealed until now.
func (l Ledger) Leave(ctx context.Context, holder string, list []Secret) error {
	now := l.now().UnixMilli()
	err := store.Tx(ctx, l.DB, l.Dialect, func(tx *sql.Tx) error {
		sealing := map[string]bool{}
		for _, s := range list {
			if sealing[s.Kind] {
				continue
			}
			sealing[s.Kind] = true
			_, err := tx.ExecContext(ctx, "UPDATE identityd_secret SET sealing_ms = $1 WHERE kind = $2 AND fingerprint = $3 AND sealing_ms < $1",
				now, s.Kind, s.Fingerprint)
			if err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM identityd_secret_reader WHERE holder = $1", holder)
		return err
	})
	return wrap("writing down the end of a process", err)
}

// Rows returns what is known of each secret, by kind and fingerprint.
func (l Ledger) Rows(ctx context.Context) (map[[2]string]Row, error) {
	rows, err := l.DB.QueryContext(ctx,
		"SELECT kind, fingerprint, first_ms, sealing_ms, sealed_rows, until_ms, counted_ms FROM identityd_secret")
	if err != nil {
		return nil, wrap("reading the secrets in use", err)
	}
	defer rows.Close()
	out := map[[2]string]Row{}
	for rows.Next() {
		var (
			key                            [2]string
			r                              Row
			first, sealing, until, counted int64
		)
		if err := rows.Scan(&key[0], &key[1], &first, &sealing, &r.Rows, &until, &counted); err != nil {
			return nil, wrap("reading the secrets in use", err)
		}
		r.First, r.Sealing, r.Until, r.Counted = instant(first), instant(sealing), instant(until), instant(counted)
		out[key] = r
	}
	return out, wrap("reading the secrets in use", rows.Err())
}

// Readers returns the processes that serve.
func (l Ledger) Readers(ctx context.Context) ([]Reader, error) {
	rows, err := l.DB.QueryContext(ctx, "SELECT holder, knows, seen_ms FROM identityd_secret_reader WHERE seen_ms > $1 ORDER BY holder",
		l.now().Add(-alive).UnixMilli())
	if err != nil {
		return nil, wrap("reading who serves", err)
	}
	defer rows.Close()
	var out []Reader
	for rows.Next() {
		var (
			r     Reader
			knows string
			seen  int64
		)
		if err := rows.Scan(&r.Holder, &knows, &seen); err != nil {
			return nil, wrap("reading who serves", err)
		}
		r.Knows, r.Seen = decode(knows), instant(seen)
		out = append(out, r)
	}
	return out, wrap("reading who serves", rows.Err())
}

// counted keeps what a count found, for the other processes.
func (l Ledger) counted(ctx context.Context, needs []Need) error {
	now := l.now().UnixMilli()
	err := store.Tx(ctx, l.DB, l.Dialect, func(tx *sql.Tx) error {
		for _, n := range needs {
			_, err := tx.ExecContext(ctx, `UPDATE identityd_secret SET sealed_rows = $1, until_ms = $2, counted_ms = $3
				WHERE kind = $4 AND fingerprint = $5`, n.Rows, millis(n.Until), now, n.Kind, n.Fingerprint)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return wrap("writing down what secrets are needed for", err)
}

// encode writes lists as system:a,b;cookie:c.
func encode(list []Secret) string {
	var kinds []string
	by := map[string][]string{}
	for _, s := range list {
		if !slices.Contains(kinds, s.Kind) {
			kinds = append(kinds, s.Kind)
		}
		by[s.Kind] = append(by[s.Kind], s.Fingerprint)
	}
	var parts []string
	for _, k := range kinds {
		parts = append(parts, k+":"+strings.Join(by[k], ","))
	}
	return strings.Join(parts, ";")
}

func decode(text string) map[string][]string {
	out := map[string][]string{}
	for part := range strings.SplitSeq(text, ";") {
		if kind, list, ok := strings.Cut(part, ":"); ok {
			out[kind] = strings.Split(list, ",")
		}
	}
	return out
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
