package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"example.com/identityd/internal/store"
)

var identityID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// Erase destroys the key of a person who is no longer there, and reports whether it did: somebody who is
// there keeps it. The records stay, and their chain is whole, but nothing personal in them can be read.
func (t *Trail) Erase(ctx context.Context, person string) (bool, error) {
	if t.cfg.DB == nil || !identityID.MatchString(person) {
		return false, nil
	}
	there, err := t.there(ctx, []string{person})
	if err != nil || there[person] {
		return false, err
	}
	now := t.cfg.Now().UnixMilli()
	changed := false
	err = store.Tx(ctx, t.cfg.DB, t.cfg.Dialect, func(tx *sql.Tx) error {
		// A person without a key gets none any more: what is still on its way would make one.
		_, err := tx.ExecContext(ctx, `INSERT INTO identityd_audit_key (name, wrapped, wrap_id, made_ms, erased_ms)
			VALUES ($1, '', '', $2, $3) ON CONFLICT (name) DO NOTHING`, person, now, now)
		if err != nil {
			return err
		}
		for _, name := range append([]string{person}, t.keys.Load().seconds(person)...) {
			res, err := tx.ExecContext(ctx, "UPDATE identityd_audit_key SET wrapped = '', erased_ms = $1 WHERE name = $2 AND wrapped <> ''", now, name)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			changed = changed || n > 0
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("erasing the key of a person: %w", err)
	}
	t.keys.Load().forget(person)
	return changed, nil
}

// eraseDeleted is for those whose deletion was just written down.
func (t *Trail) eraseDeleted(ctx context.Context, batch []entry) {
	for _, n := range batch {
		if n.Kind != "IdentityDeleted" || n.Subject == "" {
			continue
		}
		erased, err := t.Erase(ctx, n.Subject)
		if err != nil {
			t.cfg.Log.WarnContext(ctx, "key of a deleted person not erased yet", "subject", n.Subject, "err", err)
			continue // Sweep does it
		}
		if erased {
			// The trail is open: this runs in its own goroutine.
			_ = t.Note(ctx, Event{Kind: PersonErased, Actor: ActorSystem, Subject: n.Subject})
		}
	}
}

// there says which of the people have an account.
func (t *Trail) there(ctx context.Context, people []string) (map[string]bool, error) {
	mark := "$%d"
	if t.cfg.Dialect != store.SQLite {
		mark = "CAST($%d AS UUID)"
	}
	var (
		marks []string
		args  []any
	)
	for i, p := range people {
		marks = append(marks, fmt.Sprintf(mark, i+1))
		args = append(args, p)
	}
	rows, err := t.cfg.DB.QueryContext(ctx, "SELECT CAST(id AS TEXT) FROM identities WHERE id IN ("+strings.Join(marks, ", ")+")", args...)
	if err != nil {
		return nil, fmt.Errorf("looking for deleted people: %w", err)
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("looking for deleted people: %w", err)
		}
		out[id] = true
	}
	return out, rows.Err()
}

// Sweep erases the keys of people who are no longer there and whose deletion was not seen, because a process
// ended in between, and wraps keys anew that an older secret wraps.
func (t *Trail) Sweep(ctx context.Context) error {
	after := ""
	for {
		names, err := t.keyNames(ctx, after)
		if err != nil || len(names) == 0 {
			return errors.Join(err, t.Rewrap(ctx))
		}
		after = names[len(names)-1]
		var people []string
		for _, name := range names {
			if person, _, _ := strings.Cut(name, secondMark); identityID.MatchString(person) {
				people = append(people, person)
			}
		}
		if len(people) == 0 {
			continue
		}
		there, err := t.there(ctx, people)
		if err != nil {
			return err
		}
		for _, person := range people {
			if there[person] {
				continue
			}
			if _, err := t.Erase(ctx, person); err != nil {
				return err
			}
		}
	}
}

func (t *Trail) keyNames(ctx context.Context, after string) ([]string, error) {
	rows, err := t.cfg.DB.QueryContext(ctx,
		"SELECT name FROM identityd_audit_key WHERE wrapped <> '' AND name > $1 ORDER BY name LIMIT "+strconv.Itoa(perRead), after)
	if err != nil {
		return nil, fmt.Errorf("reading keys of the audit trail: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("reading keys of the audit trail: %w", err)
		}
		out = append(out, name)
	}
	return out, rows.Err()
}

// Rewrap wraps with the first secret what an older one wraps, so that the older one can go.
func (t *Trail) Rewrap(ctx context.Context) error {
	ring := t.keys.Load()
	old, err := ring.older(ctx)
	if err != nil {
		return err
	}
	for _, k := range old {
		text, err := wrapped(ring.wraps[0], k.key, k.name)
		if err != nil {
			return err
		}
		_, err = t.cfg.DB.ExecContext(ctx, "UPDATE identityd_audit_key SET wrapped = $1, wrap_id = $2 WHERE name = $3 AND wrap_id = $4 AND wrapped <> ''",
			text, ring.ids[0], k.name, k.id)
		if err != nil {
			return fmt.Errorf("wrapping keys of the audit trail anew: %w", err)
		}
	}
	return nil
}
