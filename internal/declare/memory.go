package declare

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// Memory is a ledger for a database that ends with its process.
type Memory struct {
	mu    sync.Mutex
	rows  map[[2]string]Row
	files map[[2]string]File
}

var _ Ledger = (*Memory)(nil)

// Rows implements Ledger.
func (m *Memory) Rows(context.Context) ([]Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.SortedFunc(maps.Values(m.rows), func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	}), nil
}

// Save implements Ledger.
func (m *Memory) Save(_ context.Context, r Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows == nil {
		m.rows = map[[2]string]Row{}
	}
	m.rows[[2]string{string(r.Kind), r.Name}] = r
	return nil
}

// Drop implements Ledger.
func (m *Memory) Drop(_ context.Context, kind Kind, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows, [2]string{string(kind), name})
	return nil
}

// Files implements Ledger.
func (m *Memory) Files(_ context.Context, owner string) ([]File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []File
	for key, f := range m.files {
		if key[0] == owner {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b File) int { return cmp.Compare(b.Generation, a.Generation) })
	return out, nil
}

// SaveFile implements Ledger.
func (m *Memory) SaveFile(_ context.Context, owner string, f File) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files == nil {
		m.files = map[[2]string]File{}
	}
	m.files[[2]string{owner, f.Digest}] = f
	return nil
}

// Beat implements Ledger: nobody else uses the database.
func (*Memory) Beat(context.Context, string, string, int64, time.Time) error { return nil }

// Leave implements Ledger.
func (*Memory) Leave(context.Context, string) error { return nil }

// Served implements Ledger.
func (*Memory) Served(context.Context, string, string, int64, time.Time) (bool, error) {
	return false, nil
}
