package hooks

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Memory are the Rows of a database in memory, which ends with the process as well.
type Memory struct {
	mu       sync.Mutex
	messages []Waiting
}

var _ Rows = (*Memory)(nil)

// Note implements Rows.
func (m *Memory) Note(_ Exec, w Waiting) error { return m.Add(context.Background(), w) }

// Add implements Rows.
func (m *Memory) Add(_ context.Context, w Waiting) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.messages = append(m.messages, w)
	return nil
}

// Due implements Rows.
func (m *Memory) Due(_ context.Context, now time.Time, limit int) (due []Waiting, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, at := range m.messages {
		if at.Ended.IsZero() && !at.Due.After(now) && len(due) < limit {
			due = append(due, at)
		}
	}
	return due, nil
}

// Counts implements Rows.
func (m *Memory) Counts(context.Context) (out []Count, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := map[string]int{}
	for _, w := range m.messages {
		i, known := at[w.Hook]
		if !known {
			i = len(out)
			at[w.Hook] = i
			out = append(out, Count{Hook: w.Hook})
		}
		if w.Ended.IsZero() {
			out[i].Waiting++
		} else {
			out[i].Dead++
		}
	}
	return out, nil
}

// Claim implements Rows.
func (m *Memory) Claim(_ context.Context, claimed Waiting, until time.Time) (bool, error) {
	mine := false
	m.change(Query{ID: claimed.ID}, func(at *Waiting) {
		if mine = at.Due.Equal(claimed.Due) && at.Ended.IsZero(); mine {
			at.Due = until
		}
	})
	return mine, nil
}

// Delay implements Rows.
func (m *Memory) Delay(_ context.Context, id string, due time.Time, attempts int, reason string) error {
	m.change(Query{ID: id}, func(at *Waiting) { at.Due, at.Attempts, at.Reason = due, attempts, reason })
	return nil
}

// PutOff implements Rows.
func (m *Memory) PutOff(_ context.Context, hook string, now, until time.Time) error {
	m.change(Query{Hook: hook}, func(at *Waiting) {
		if at.Ended.IsZero() && !at.Due.After(now) {
			at.Due = until
		}
	})
	return nil
}

// GiveUp implements Rows.
func (m *Memory) GiveUp(_ context.Context, id string, at time.Time, attempts int, reason string) error {
	m.change(Query{ID: id}, func(w *Waiting) { w.Ended, w.Attempts, w.Reason = at, attempts, reason })
	return nil
}

// Remove implements Rows.
func (m *Memory) Remove(ctx context.Context, id string) error {
	_, err := m.Drop(ctx, Query{ID: id})
	return err
}

// List implements Rows.
func (m *Memory) List(_ context.Context, q Query) (out []Waiting, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, at := range m.messages {
		if q.chooses(at) && (q.Limit == 0 || len(out) < q.Limit) {
			out = append(out, at)
		}
	}
	return out, nil
}

// Again implements Rows.
func (m *Memory) Again(_ context.Context, q Query, now time.Time) (int, error) {
	return m.change(q, func(at *Waiting) { at.Due, at.Attempts, at.Ended = now, 0, time.Time{} }), nil
}

// Drop implements Rows.
func (m *Memory) Drop(_ context.Context, q Query) (n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.messages)
	m.messages = slices.DeleteFunc(m.messages, q.chooses)
	return before - len(m.messages), nil
}

func (q Query) chooses(m Waiting) bool {
	return (q.ID == "" || q.ID == m.ID) && (q.Hook == "" || q.Hook == m.Hook) && (!q.Dead || !m.Ended.IsZero())
}

func (m *Memory) change(q Query, f func(*Waiting)) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.messages {
		if q.chooses(m.messages[i]) {
			f(&m.messages[i])
			n++
		}
	}
	return n
}
