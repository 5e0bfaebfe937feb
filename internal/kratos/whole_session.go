package kratos

import (
	"errors"
	"net/http"
	"path"
	"strings"

	ksession "github.com/ory/kratos/session"
)

// wholeSessions asks for the same factors where somebody sees or ends their sessions as whoami does.
// At the pin the password alone lists every device and signs all of them out (docs/ory-quirks.md#q104).
func (e *Engine) wholeSessions(next http.Handler) http.Handler {
	if e.cfg.Unfixed {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ofMySessions(r) {
			next.ServeHTTP(w, r)
			return
		}
		ctx := r.Context()
		s, err := e.registry.SessionManager().FetchFromRequest(ctx, r)
		if err != nil {
			next.ServeHTTP(w, r) // which says so in its words
			return
		}
		var missing *ksession.ErrAALNotSatisfied
		err = e.registry.SessionManager().DoesSessionSatisfy(ctx, s, e.registry.Config().SessionWhoAmIAAL(ctx))
		if errors.As(err, &missing) {
			e.registry.Writer().WriteError(w, r, err)
			return
		}
		if err != nil {
			e.cfg.Log.ErrorContext(ctx, "factors of a session cannot be told", "err", err)
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ofMySessions are GET and DELETE below /sessions but for whoami, which asks itself, and the exchange of a
// code for a session, which nobody has a session for.
func ofMySessions(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodDelete {
		return false
	}
	p := path.Clean("/" + r.URL.Path)
	if p == ksession.RouteWhoami || p == ksession.RouteExchangeCodeForSessionToken {
		return false
	}
	return p == ksession.RouteCollection || strings.HasPrefix(p, ksession.RouteCollection+"/")
}
