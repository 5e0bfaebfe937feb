package offboard

import (
	"context"
	"sync"
	"time"
)

// Memory are the Rows of a database in memory, which ends with the process as well.
type Memory struct {
	mu     sync.Mutex
	orders map[key]waiting
}

type key struct{ identity, keep string }

type waiting struct {
	Order
	due time.Time
}

var _ Rows = (*Memory)(nil)

// Note implements Rows.
func (m *Memory) Note(_ func(string, ...any) error, o Order) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.orders == nil {
		m.orders = map[key]waiting{}
	}
	m.orders[key{o.Identity, o.Keep}] = waiting{o, o.Noted.Add(Young)}
	return nil
}

// Add implements Rows.
func (m *Memory) Add(_ context.Context, o Order) error { return m.Note(nil, o) }

// Due implements Rows.
func (m *Memory) Due(_ context.Context, now time.Time, limit int) (due []Order, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range m.orders {
		if !w.due.After(now) && len(due) < limit {
			due = append(due, w.Order)
		}
	}
	return due, nil
}

// Put implements Rows.
func (m *Memory) Put(_ context.Context, o Order, due time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, ok := m.orders[key{o.Identity, o.Keep}]; ok && at.Noted.Equal(o.Noted) {
		m.orders[key{o.Identity, o.Keep}] = waiting{o, due}
	}
	return nil
}

// Remove implements Rows.
func (m *Memory) Remove(_ context.Context, o Order) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, ok := m.orders[key{o.Identity, o.Keep}]; ok && at.Noted.Equal(o.Noted) {
		delete(m.orders, key{o.Identity, o.Keep})
	}
	return nil
}
