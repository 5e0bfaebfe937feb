package hydra

import (
	"context"
	"net/http"
	"sync"

	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/client"
	hoauth2 "github.com/ory/hydra/v2/oauth2"
)

// visit is what one request has read already, and ends with it. Hydra reads a client for the token that it
// belongs to, for the code, for the request behind it, and once more inside of the transaction.
type visit struct {
	mu      sync.Mutex
	clients map[string]*client.Client
	codes   map[string]codeRows
	// dress puts the claims of now into a session that is read again.
	dress func(*hoauth2.Session)
	// solo is set where the transaction of the request would hold a single statement.
	solo bool
}

type visitKey struct{}

// visited is the door at which the memory of a request begins. A call of the other engine or of a page comes
// through it too, with a context of its own.
func visited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitKey{}, &visit{})))
	})
}

// visitOf returns the memory of a request, or nil, which remembers nothing.
func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// client returns a copy of a client: who asks may change it.
func (v *visit) client(id string) *client.Client {
	if v == nil {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if c := v.clients[id]; c != nil {
		own := *c
		return &own
	}
	return nil
}

func (v *visit) keepClient(c *client.Client) {
	if v == nil {
		return
	}
	own := *c
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.clients == nil {
		v.clients = map[string]*client.Client{}
	}
	v.clients[c.ID] = &own
}

// knowsClients reports whether a client has been read.
func (v *visit) knowsClients() bool {
	if v == nil {
		return false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.clients) > 0
}

// forgetClients is for a request that changes one.
func (v *visit) forgetClients() {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clients = nil
}

// codeRows are that of a code and what PKCE said of it, which is nil where it said nothing.
type codeRows struct{ code, pkce *sessionRow }

// code returns the rows of a code, and whether they were read.
func (v *visit) code(signature string) (codeRows, bool) {
	if v == nil {
		return codeRows{}, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	rows, read := v.codes[signature]
	return rows, read
}

func (v *visit) keepCode(signature string, rows codeRows) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.codes == nil {
		v.codes = map[string]codeRows{}
	}
	v.codes[signature] = rows
}

// dressWith is for what becomes of a session once it was decided about.
func (v *visit) dressWith(dress func(*hoauth2.Session)) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.dress = dress
}

// dressed puts the claims of now into a session that was read from a row.
func (v *visit) dressed(session fosite.Session) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if s, ok := session.(*hoauth2.Session); ok && v.dress != nil {
		v.dress(s)
	}
}

func (v *visit) goSolo() {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.solo = true
}

// takeSolo reports, once, whether the next transaction holds a single statement.
func (v *visit) takeSolo() bool {
	if v == nil {
		return false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	solo := v.solo
	v.solo = false
	return solo
}
