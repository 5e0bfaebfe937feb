package move

import (
	"context"
	"fmt"
	"time"

	"example.com/identityd/internal/store"
)

// How often a table that takes long tells how far it is.
const tellEvery = time.Second

// copyPart copies what an earlier run has not.
func (r *run) copyPart(ctx context.Context, p part, before int) error {
	entries, err := r.ledger.entries(ctx, p.Engine)
	if err != nil {
		return fmt.Errorf("reading how far it is: %w", explain(err))
	}
	todo, err := r.todo(ctx, p, entries, before)
	if err != nil {
		return err
	}
	if err := unfill(ctx, p, r.To, todo); err != nil {
		return err
	}
	// What is left of an earlier run, and what the migrations put there; the last ones first, because
	// rows go with those they refer to.
	for i := len(p.plan.tasks) - 1; i >= 0; i-- {
		t := p.plan.tasks[i]
		if !todo[t.name] {
			continue
		}
		if err := r.ledger.forget(ctx, p.Engine, t.name); err != nil {
			return fmt.Errorf("noting how far it is: %w", explain(err))
		}
		if err := empty(ctx, p.To, r.To, t); err != nil {
			return err
		}
	}
	for i, t := range p.plan.tasks {
		e, kept := entries[t.name], !todo[t.name]
		if !kept {
			if e, err = r.copyTable(ctx, p, t, before+i+1); err != nil {
				return err
			}
			if err := r.ledger.put(ctx, p.Engine, t.name, e); err != nil {
				return fmt.Errorf("noting how far it is: %w", explain(err))
			}
		}
		r.result.Tables = append(r.result.Tables, Table{p.Engine, t.name, e.rows, e.digest, kept})
		r.result.Rows += e.rows
	}
	for _, t := range p.plan.tasks {
		// Always: nobody knows whether an earlier run came to this.
		if len(t.late) > 0 {
			if err := fillIn(ctx, p.from, p.To, r.To, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// todo finds the tables to copy: those that no earlier run finished, those that have changed in the
// source since, and those that refer to one of them.
func (r *run) todo(ctx context.Context, p part, entries map[string]entry, before int) (map[string]bool, error) {
	todo := map[string]bool{}
	for i, t := range p.plan.tasks {
		e := entries[t.name]
		if e.state != stateCopied {
			todo[t.name] = true
			continue
		}
		tell := r.teller(Event{Phase: PhaseCopy, Engine: p.Engine, Table: t.name, Number: before + i + 1, Total: e.rows, Kept: true})
		d, err := p.from.digest(ctx, t, tell.rows)
		if err != nil {
			return nil, err
		}
		if d.rows != e.rows || d.String() != e.digest {
			todo[t.name] = true
			continue
		}
		tell.done(d.rows)
	}
	return dependents(todo, p.plan.references), nil
}

func (r *run) copyTable(ctx context.Context, p part, t task, number int) (entry, error) {
	total, err := p.from.count(ctx, t)
	if err != nil {
		return entry{}, err
	}
	tell := r.teller(Event{Phase: PhaseCopy, Engine: p.Engine, Table: t.name, Number: number, Total: total})
	var d digest
	w := newWriter(p.To, r.To, t)
	err = p.from.each(ctx, t, "", func(n int64, values []any) error {
		if err := d.add(t.columns, values); err != nil {
			return t.invalid("", n, values, err)
		}
		tell.rows(n)
		return w.add(ctx, n, values)
	})
	if err == nil {
		err = w.flush(ctx)
	}
	if err != nil {
		return entry{}, err
	}
	tell.done(d.rows)
	return entry{state: stateCopied, digest: d.String(), rows: d.rows}, nil
}

// verify reads everything back from the target.
func (r *run) verify(ctx context.Context) error {
	var differing []string
	number := 0
	for _, p := range r.parts {
		s, err := openSnapshot(ctx, p.To, r.To)
		if err != nil {
			return explain(err)
		}
		defer s.end()
		back := reader{q: s, sqlite: r.To == store.SQLite, target: true}
		for _, t := range p.plan.tasks {
			want := r.result.Tables[number]
			number++
			tell := r.teller(Event{Phase: PhaseVerify, Engine: p.Engine, Table: t.name, Number: number, Total: want.Rows})
			got, err := back.digest(ctx, t, tell.rows)
			if err != nil {
				return err
			}
			if got.rows != want.Rows || got.String() != want.Digest {
				differing = append(differing, fmt.Sprintf("%s.%s (%d rows there, %d here)", p.Engine, t.name, got.rows, want.Rows))
				if err := r.ledger.put(ctx, p.Engine, t.name, entry{state: stateDiffers}); err != nil {
					return explain(err)
				}
				continue
			}
			tell.done(got.rows)
		}
	}
	if len(differing) > 0 {
		return &DifferenceError{Tables: differing}
	}
	return nil
}

// teller tells how far one table is, not too often.
type teller struct {
	event       Event
	began, last time.Time
	tell        func(Event)
}

func (r *run) teller(e Event) *teller {
	e.Of = r.of
	now := time.Now()
	r.Progress(e)
	return &teller{event: e, began: now, last: now, tell: r.Progress}
}

func (t *teller) rows(n int64) {
	const look = 64 // rows between looks at the clock
	if n%look != 0 || time.Since(t.last) < tellEvery {
		return
	}
	t.last = time.Now()
	t.event.Rows, t.event.Elapsed = n, t.last.Sub(t.began)
	t.tell(t.event)
}

func (t *teller) done(n int64) {
	t.event.Rows, t.event.Done, t.event.Elapsed = n, true, time.Since(t.began)
	t.tell(t.event)
}
