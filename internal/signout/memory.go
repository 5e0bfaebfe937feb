package signout

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Memory are the Rows of a database in memory, which ends with the process as well. Endings live in the
// queue alone there.
type Memory struct {
	mu       sync.Mutex
	messages []Message
}

var _ Rows = (*Memory)(nil)

// Endings implements Rows.
func (*Memory) Endings(context.Context, time.Time, int) ([]Session, error) { return nil, nil }

// Settled implements Rows.
func (*Memory) Settled(context.Context, Session) error { return nil }

// Note implements Rows.
func (*Memory) Note(func(string, ...any) error, Session) error { return nil }

// Add implements Rows.
func (m *Memory) Add(_ context.Context, messages []Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, added := range messages {
		known := func(o Message) bool { return o.Session == added.Session && o.Client == added.Client }
		if !slices.ContainsFunc(m.messages, known) {
			m.messages = append(m.messages, added)
		}
	}
	return nil
}

// Due implements Rows.
func (m *Memory) Due(_ context.Context, now time.Time, limit int) (due []Message, waiting int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, at := range m.messages {
		if !at.Due.After(now) && len(due) < limit {
			due = append(due, at)
		}
	}
	return due, len(m.messages), nil
}

// Claim implements Rows.
func (m *Memory) Claim(_ context.Context, claimed Message, until time.Time) (bool, error) {
	mine := false
	m.change(claimed.ID, func(at *Message) {
		if mine = at.Due.Equal(claimed.Due); mine {
			at.Due = until
		}
	})
	return mine, nil
}

// Delay implements Rows.
func (m *Memory) Delay(_ context.Context, id string, due time.Time, attempts int, _ string) error {
	m.change(id, func(at *Message) { at.Due, at.Attempts = due, attempts })
	return nil
}

// PutOff implements Rows.
func (m *Memory) PutOff(_ context.Context, client string, now, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.messages {
		if at := &m.messages[i]; at.Client == client && !at.Due.After(now) {
			at.Due = until
		}
	}
	return nil
}

// GiveUp implements Rows.
func (m *Memory) GiveUp(ctx context.Context, id string, _ time.Time, _ string) error {
	return m.Remove(ctx, id)
}

// Remove implements Rows.
func (m *Memory) Remove(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.messages = slices.DeleteFunc(m.messages, func(at Message) bool { return at.ID == id })
	return nil
}

func (m *Memory) change(id string, f func(*Message)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.messages {
		if m.messages[i].ID == id {
			f(&m.messages[i])
		}
	}
}
