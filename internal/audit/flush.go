package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"example.com/identityd/internal/store"
)

// attempt is a batch of which nobody knows whether it was written.
type attempt struct {
	entries []entry
	last    string // the hash of its last record
}

// flush writes one batch.
func (t *Trail) flush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.patience)
	defer cancel()
	if err := t.settle(ctx); err != nil {
		t.refuse(err)
		return err
	}
	batch := merge(t.kinds, wanted(t.take()))
	if len(batch) == 0 {
		return nil
	}
	records, head, err := t.records(ctx, batch)
	if err == nil {
		err = t.insert(ctx, records)
		if err != nil {
			t.trying = &attempt{entries: batch, last: head.hash}
		}
	} else {
		t.back(batch)
	}
	if err != nil {
		answer(batch, fmt.Errorf("%w: %w", ErrUnwritten, err))
		return err
	}
	t.head = head
	t.written(batch)
	t.eraseDeleted(ctx, batch)
	return nil
}

// settle finds out what became of a batch whose end was not heard of.
func (t *Trail) settle(ctx context.Context) error {
	if t.trying == nil {
		return nil
	}
	var at chain
	err := t.cfg.DB.QueryRowContext(ctx, `SELECT seq, at_ms, hash FROM identityd_audit
		WHERE id >= $1 AND id <= $2 ORDER BY id DESC LIMIT 1`,
		rowID(t.head.writer, 0), rowID(t.head.writer, maxSeq)).Scan(&at.seq, &at.at, &at.hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("reading the end of the trail: %w", err)
	}
	tried := t.trying
	t.trying = nil
	if at.hash == tried.last {
		at.writer = t.head.writer
		t.head = at
		t.written(tried.entries)
		t.eraseDeleted(ctx, tried.entries)
		return nil
	}
	t.back(tried.entries)
	return nil
}

// maxSeq is the largest that the key has room for.
const maxSeq = 999_999_999_999

// refuse answers all who wait, because nothing can be written now.
func (t *Trail) refuse(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var keep []entry
	for _, n := range t.queue {
		if n.done == nil {
			keep = append(keep, n)
			continue
		}
		n.done <- fmt.Errorf("%w: %w", ErrUnwritten, err)
	}
	t.queue = keep
}

func (t *Trail) written(batch []entry) {
	t.mu.Lock()
	t.stats.Written += uint64(len(batch))
	t.mu.Unlock()
	answer(batch, nil)
}

// answer tells those who wait. Who was told already, or has gone, has a full channel.
func answer(batch []entry, err error) {
	for _, n := range batch {
		if n.done == nil {
			continue
		}
		select {
		case n.done <- err:
		default:
		}
	}
}

func wanted(list []entry) []entry {
	var out []entry
	for _, n := range list {
		if !n.unwanted() {
			out = append(out, n)
		}
	}
	return out
}

// records seals and chains a batch, from the end of the chain as it is known.
func (t *Trail) records(ctx context.Context, batch []entry) ([]Record, chain, error) {
	ring := t.keys.Load()
	names := make([]string, len(batch))
	for i, n := range batch {
		names[i] = ring.nameFor(n)
	}
	keys, err := ring.forSealing(ctx, names, t.cfg.Now())
	if err == nil && ring.instead(names) {
		keys, err = ring.forSealing(ctx, names, t.cfg.Now())
	}
	if err != nil {
		return nil, chain{}, err
	}
	head := t.head
	out := make([]Record, 0, len(batch))
	for i, n := range batch {
		r := Record{
			At: n.at.UnixMilli(), Kind: n.Kind, Outcome: n.Outcome, Actor: n.Actor, Subject: n.Subject,
			Client: n.Client, Session: n.Session, Request: n.request, Region: t.cfg.Region, Details: details(n.Details),
		}
		if key := keys[names[i]]; key != nil && names[i] != "" {
			r.Key = names[i]
			r.Sealed = key.seal(personal{Address: n.Address, Agent: n.Agent}, rowID(head.writer, head.seq+1))
		}
		out = append(out, head.next(clipped(r)))
	}
	return out, head, nil
}

// most bounds each text, so that what others chose does not fill the table.
const most = 512

func clipped(r Record) Record {
	for _, s := range []*string{&r.Kind, &r.Actor, &r.Subject, &r.Client, &r.Session, &r.Request, &r.Region} {
		*s = strings.ToValidUTF8(strings.ReplaceAll(*s, "\x00", ""), "?")
		if len(*s) > most {
			*s = strings.ToValidUTF8((*s)[:most], "")
		}
	}
	return r
}

const columns = "id, writer, seq, at_ms, kind, outcome, actor, subject, client_id, session_id, request_id, region, details, sealed, key_name, prev, hash"

func (t *Trail) insert(ctx context.Context, records []Record) error {
	var (
		text strings.Builder
		args []any
	)
	mark := "$"
	if t.cfg.Dialect == store.SQLite {
		mark = "?" // $1 is a name there, which is looked for in all names before it
	}
	text.WriteString("INSERT INTO identityd_audit (" + columns + ") VALUES ")
	for i, r := range records {
		row := []any{
			r.id(), r.Writer, r.Seq, r.At, r.Kind, string(r.Outcome), r.Actor, r.Subject, r.Client, r.Session, r.Request,
			r.Region, r.Details, r.Sealed, r.Key, r.Prev, r.Hash,
		}
		if i > 0 {
			text.WriteString(", ")
		}
		before := "("
		for j := range row {
			text.WriteString(before + mark + strconv.Itoa(len(args)+j+1))
			before = ", "
		}
		text.WriteString(")")
		args = append(args, row...)
	}
	err := store.Tx(ctx, t.cfg.DB, t.cfg.Dialect, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, text.String(), args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("writing the audit trail: %w", err)
	}
	return nil
}
