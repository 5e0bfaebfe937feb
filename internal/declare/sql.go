package declare

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// SQL is a ledger in a database: identityd_declared and its siblings.
type SQL struct {
	DB *sql.DB
	// Around runs a write where an engine lets one be made at a time; nil runs it at once.
	Around func(ctx context.Context, f func()) bool
}

var _ Ledger = SQL{}

const columns = "kind, name, owner, ref, digest, secret, found, made_ms, changed_ms, left_ms"

// Rows implements Ledger.
func (l SQL) Rows(ctx context.Context) (out []Row, err error) {
	rows, err := l.DB.QueryContext(ctx, "SELECT "+columns+" FROM identityd_declared ORDER BY kind, name")
	if err != nil {
		return nil, fmt.Errorf("reading what the file made: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Row
		var made, changed, left int64
		if err := rows.Scan(&r.Kind, &r.Name, &r.Owner, &r.Ref, &r.Digest, &r.Secret, &r.Found, &made, &changed, &left); err != nil {
			return nil, fmt.Errorf("reading what the file made: %w", err)
		}
		r.Made, r.Changed, r.Left = at(made), at(changed), at(left)
		out = append(out, r)
	}
	return out, wrap("reading what the file made", rows.Err())
}

// Save implements Ledger.
func (l SQL) Save(ctx context.Context, r Row) error {
	return l.write(ctx, "INSERT INTO identityd_declared ("+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (kind, name) DO UPDATE SET owner = excluded.owner, ref = excluded.ref, digest = excluded.digest,
			secret = excluded.secret, found = excluded.found, made_ms = excluded.made_ms,
			changed_ms = excluded.changed_ms, left_ms = excluded.left_ms`,
		string(r.Kind), r.Name, r.Owner, r.Ref, r.Digest, r.Secret, r.Found, millis(r.Made), millis(r.Changed), millis(r.Left))
}

// Drop implements Ledger.
func (l SQL) Drop(ctx context.Context, kind Kind, name string) error {
	return l.write(ctx, "DELETE FROM identityd_declared WHERE kind = $1 AND name = $2", string(kind), name)
}

// most is how many states of a file are looked at: one that is older counts as new.
const most = 50

// Files implements Ledger.
func (l SQL) Files(ctx context.Context, owner string) (out []File, err error) {
	rows, err := l.DB.QueryContext(ctx, `SELECT digest, generation, at_ms, made_by, done FROM identityd_declared_file
		WHERE owner = $1 ORDER BY generation DESC LIMIT $2`, owner, most)
	if err != nil {
		return nil, fmt.Errorf("reading which file is in force: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var f File
		var ms, done int64
		if err := rows.Scan(&f.Digest, &f.Generation, &ms, &f.By, &done); err != nil {
			return nil, fmt.Errorf("reading which file is in force: %w", err)
		}
		f.At, f.Done = at(ms), done != 0
		out = append(out, f)
	}
	return out, wrap("reading which file is in force", rows.Err())
}

// SaveFile implements Ledger.
func (l SQL) SaveFile(ctx context.Context, owner string, f File) error {
	done := 0
	if f.Done {
		done = 1
	}
	if err := l.write(ctx, "DELETE FROM identityd_declared_file WHERE owner = $1 AND generation < $2", owner, f.Generation-most); err != nil {
		return err
	}
	return l.write(ctx, `INSERT INTO identityd_declared_file (owner, digest, generation, at_ms, made_by, done)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (owner, digest) DO UPDATE SET
			generation = excluded.generation, at_ms = excluded.at_ms, made_by = excluded.made_by, done = excluded.done`,
		owner, f.Digest, f.Generation, millis(f.At), f.By, done)
}

// Beat implements Ledger.
func (l SQL) Beat(ctx context.Context, holder, owner string, generation int64, seen time.Time) error {
	return l.write(ctx, `INSERT INTO identityd_declared_reader (holder, owner, generation, seen_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (holder) DO UPDATE SET owner = excluded.owner, generation = excluded.generation, seen_ms = excluded.seen_ms`,
		holder, owner, generation, millis(seen))
}

// Leave implements Ledger.
func (l SQL) Leave(ctx context.Context, holder string) error {
	return l.write(ctx, "DELETE FROM identityd_declared_reader WHERE holder = $1", holder)
}

// Served implements Ledger.
func (l SQL) Served(ctx context.Context, holder, owner string, generation int64, since time.Time) (bool, error) {
	var n int
	err := l.DB.QueryRowContext(ctx, `SELECT count(*) FROM identityd_declared_reader
		WHERE owner = $1 AND generation = $2 AND seen_ms > $3 AND holder <> $4`, owner, generation, millis(since), holder).Scan(&n)
	return n > 0, wrap("reading who serves with the file", err)
}

func (l SQL) write(ctx context.Context, statement string, args ...any) (err error) {
	run := func() { _, err = l.DB.ExecContext(ctx, statement, args...) }
	if l.Around == nil {
		run()
	} else if !l.Around(ctx, run) {
		err = context.Cause(ctx)
	}
	return wrap("writing down what the file made", err)
}

func wrap(doing string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
