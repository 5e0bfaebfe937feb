package outage

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// patience is how long a request waits for the database when its answer is in memory. A frozen
// database would use up the deadline of the request, and the patience of a relying party.
const patience = 2 * time.Second

// Memory keeps the last good answers of a few public documents, and gives them out while the database
// is away, with their age (RFC 9111 section 5.1). It keeps one answer per path.
type Memory struct {
	paths []string
	most  time.Duration
	now   func() time.Time

	mu      sync.Mutex
	dropped int
	kept    map[string]kept
}

type kept struct {
	header http.Header
	body   []byte
	at     time.Time
}

// NewMemory returns a Memory for the paths that end in one of these. Nothing in it is given out when
// it is older than most: no token that its keys have signed is valid then.
func NewMemory(most time.Duration, paths ...string) *Memory {
	return &Memory{paths: paths, most: most, now: time.Now, kept: map[string]kept{}}
}

// Forget drops everything. It is called when keys have changed.
func (m *Memory) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dropped++
	clear(m.kept)
}

// Become drops everything, and changes how old an answer may be. It is called when other engines answer.
func (m *Memory) Become(most time.Duration) {
	m.mu.Lock()
	m.most = most
	m.mu.Unlock()
	m.Forget()
}

// Forgetting calls Forget after each request below a path that changed something.
func (m *Memory) Forgetting(below string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if r.Method != http.MethodGet && r.Method != http.MethodHead && strings.HasPrefix(r.URL.Path, below) {
			m.Forget()
		}
	})
}

// Age returns how old the answer of a path is; ok is false where there is none.
func (m *Memory) Age(path string) (age time.Duration, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.kept[path]
	return m.now().Sub(k.at), ok
}

// Concerns reports whether the answer to a request may be remembered.
func (m *Memory) Concerns(r *http.Request) bool {
	if m == nil || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	for _, end := range m.paths {
		if strings.HasSuffix(r.URL.Path, end) {
			return true
		}
	}
	return false
}

// hurry bounds the wait for the database where there is another answer. It returns what keep has to
// know: an answer that was read before the keys changed is not kept after it.
func (m *Memory) hurry(r *http.Request) (*http.Request, int, context.CancelFunc) {
	if !m.Concerns(r) {
		return r, 0, func() {}
	}
	m.mu.Lock()
	k, ok := m.kept[r.URL.Path]
	dropped := m.dropped
	m.mu.Unlock()
	if !ok || !m.fresh(k) || refusesOld(r.Header) {
		return r, dropped, func() {}
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	return r.WithContext(ctx), dropped, cancel
}

// keep remembers a good answer. That it says no-store, as every answer of Hydra in JSON does, is for
// those who pass it on, and they are told so when it comes from here: this is its origin.
func (m *Memory) keep(r *http.Request, dropped int, held *answer) {
	if !m.Concerns(r) || r.Method != http.MethodGet || held.wrote == nil || held.status != http.StatusOK {
		return
	}
	h := held.head()
	k := kept{header: http.Header{}, body: bytes.Clone(held.body.Bytes()), at: m.now()}
	for _, key := range []string{"Content-Type", "Cache-Control", "Expires"} {
		if v := h.Values(key); len(v) > 0 {
			k.header[key] = v
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dropped == dropped {
		m.kept[r.URL.Path] = k
	}
}

// answer writes what is remembered and reports whether there was anything. replaced is the header of
// the answer in whose place it comes, for CORS.
func (m *Memory) answer(w http.ResponseWriter, r *http.Request, replaced http.Header) bool {
	if !m.Concerns(r) || refusesOld(r.Header) {
		return false
	}
	m.mu.Lock()
	k, ok := m.kept[r.URL.Path]
	m.mu.Unlock()
	if !ok || !m.fresh(k) {
		return false
	}
	h := w.Header()
	forScripts(h, replaced)
	for key, values := range k.header {
		h[key] = values
	}
	h.Set("Age", strconv.Itoa(int(m.now().Sub(k.at)/time.Second)))
	w.WriteHeader(http.StatusOK)
	// The client may be gone; there is nobody to tell.
	_, _ = w.Write(k.body)
	return true
}

func (m *Memory) fresh(k kept) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now().Sub(k.at) <= m.most
}

// refusesOld reports whether a client asks for an answer of now or none.
func refusesOld(h http.Header) bool { return directive(h, "no-store") || directive(h, "no-cache") }

// directive reports whether Cache-Control has it.
func directive(h http.Header, name string) bool {
	for _, line := range h.Values("Cache-Control") {
		for d := range strings.SplitSeq(line, ",") {
			d, _, _ = strings.Cut(strings.TrimSpace(d), "=")
			if strings.EqualFold(d, name) {
				return true
			}
		}
	}
	return false
}
