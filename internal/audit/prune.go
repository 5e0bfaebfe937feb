package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"example.com/identityd/internal/store"
)

// Prune lets go of what is older than the retention: everything up to an anchor that old, so that what stays
// of each chain begins where an anchor says. It writes down where, in an anchor of its own; the janitor
// removes the rows. It reports whether there was anything to let go of.
func (t *Trail) Prune(ctx context.Context, retention time.Duration) (bool, error) {
	old, err := scanAnchor(t.cfg.DB.QueryRowContext(ctx, "SELECT "+anchorColumns+
		" FROM identityd_audit_anchor WHERE at_ms < $1 ORDER BY number DESC LIMIT 1", t.cfg.Now().Add(-retention).UnixMilli()))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for an anchor to cut at: %w", err)
	}
	newest, _, err := Newest(ctx, t.cfg.DB)
	if err != nil || newest.Number == old.Number {
		return false, err // the newest stays: the next one is bound to it
	}
	cuts, err := t.cutsAt(ctx, old)
	if err != nil {
		return false, err
	}
	cuts[cutAnchor] = end{old.Number, old.Hash}
	a := t.anchor(newest, heads{}, cuts)
	made := false
	err = store.Tx(ctx, t.cfg.DB, t.cfg.Dialect, func(tx *sql.Tx) (err error) {
		if made, err = insertAnchor(ctx, tx, a); err != nil || !made {
			return err
		}
		return writeCuts(ctx, tx, cuts, old.Number)
	})
	if err != nil {
		return false, fmt.Errorf("cutting the audit trail: %w", err)
	}
	if made {
		_ = t.Note(ctx, Event{Kind: TrailPruned, Actor: ActorSystem, Details: map[string]string{
			"anchor": strconv.FormatInt(old.Number, 10), "until": time.UnixMilli(old.At).UTC().Format(time.RFC3339),
		}})
	}
	return made, nil
}

// cutsAt are the ends of all chains as the anchors up to this one know them, of chains that have rows left.
func (t *Trail) cutsAt(ctx context.Context, last Anchor) (heads, error) {
	rows, err := t.cfg.DB.QueryContext(ctx, "SELECT "+anchorColumns+" FROM identityd_audit_anchor WHERE number <= $1", last.Number)
	if err != nil {
		return nil, fmt.Errorf("reading anchors: %w", err)
	}
	defer rows.Close()
	all := heads{}
	for rows.Next() {
		a, err := scanAnchor(rows)
		if err != nil {
			return nil, fmt.Errorf("reading anchors: %w", err)
		}
		for _, text := range []string{a.Heads, a.Cuts} {
			said, err := readHeads(text)
			if err != nil {
				return nil, err
			}
			delete(said, cutAnchor)
			for writer, e := range said {
				all.max(writer, e)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading anchors: %w", err)
	}
	out := heads{}
	for writer, e := range maps.All(all) {
		var one int
		err := t.cfg.DB.QueryRowContext(ctx, "SELECT 1 FROM identityd_audit WHERE id >= $1 AND id <= $2 LIMIT 1",
			rowID(writer, 0), rowID(writer, maxSeq)).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the chains: %w", err)
		}
		out[writer] = e
	}
	return out, nil
}

func writeCuts(ctx context.Context, tx *sql.Tx, cuts heads, through int64) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM identityd_audit_cut"); err != nil {
		return err
	}
	for writer, e := range cuts {
		if writer == cutAnchor {
			continue
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO identityd_audit_cut (writer, seq, hash) VALUES ($1, $2, $3)", writer, e.seq, e.hash)
		if err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM identityd_audit_anchor WHERE number <= $1", through)
	return err
}
