package kratos

import (
	"context"
	"net/http"
	"path"
	"sync"

	"github.com/gofrs/uuid"
	"github.com/ory/kratos/selfservice/flow/recovery"
	"github.com/ory/kratos/selfservice/flow/settings"

	"example.com/identityd/internal/offboard"
	"example.com/identityd/internal/signout"
)

// request is what one request to Kratos ended and read on the way.
type request struct {
	path string

	mu       sync.Mutex
	sessions []signout.Session
	people   []offboard.Order
	// asks is who has asked, with which session.
	asks map[uuid.UUID]uuid.UUID
	had  map[uuid.UUID]*provable
}

type requestKey struct{}

func newRequest(r *http.Request) *request { return &request{path: path.Clean("/" + r.URL.Path)} }

// requestOf returns what is kept of a request, or nil, which keeps nothing.
func requestOf(ctx context.Context) *request {
	n, _ := ctx.Value(requestKey{}).(*request)
	return n
}

// end takes a session that ended, and reports whether somebody settles it at the end of the request.
func (n *request) end(s signout.Session) bool {
	if n == nil {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sessions = append(n.sessions, s)
	return true
}

func (n *request) ended() []signout.Session {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.sessions
}

// order is the same for an order.
func (n *request) order(o offboard.Order) bool {
	if n == nil {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.people = append(n.people, o)
	return true
}

func (n *request) orders() []offboard.Order {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.people
}

// keepBefore remembers what a person signed in with before the request changes it.
func (n *request) keepBefore(c *provable) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.had == nil {
		n.had = map[uuid.UUID]*provable{}
	}
	if n.had[c.person] == nil { // later ones may have read what the request has changed
		n.had[c.person] = c
	}
}

func (n *request) before(person uuid.UUID) *provable {
	if n == nil {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.had[person]
}

// keepSession remembers the session of whoever asks.
func (n *request) keepSession(person, session uuid.UUID) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.asks == nil {
		n.asks = map[uuid.UUID]uuid.UUID{}
	}
	n.asks[person] = session
}

// own returns the session in which a person changes what is their own, empty where somebody else does.
func (n *request) own(person uuid.UUID) string {
	if n == nil || n.path != settings.RouteSubmitFlow && !n.recovers() {
		return ""
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if s, ok := n.asks[person]; ok {
		return s.String()
	}
	return ""
}

// recovers reports whether the request ends a recovery.
func (n *request) recovers() bool { return n != nil && n.path == recovery.RouteSubmitFlow }
