package kratos

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	klogout "github.com/ory/kratos/selfservice/flow/logout"
	ksession "github.com/ory/kratos/session"
	"github.com/ory/x/sqlcon"

	"example.com/identityd/internal/ory"
)

// settle finishes the sessions that a request ended, and the access that it took away, before it is answered, so that whoever sees the answer
// finds Hydra's sessions ended too. It is outside of the lock of SerializeWrites: Hydra has its own.
func (e *Engine) settle(next http.Handler) http.Handler {
	if e.cfg.Endings == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := newRequest(r)
		in := r.WithContext(context.WithValue(r.Context(), requestKey{}, n))
		if r.URL.Path != klogout.RouteSubmitFlow {
			// A long answer would be on its way before access has ended. Reading takes none away.
			out, flush := w, func() {}
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				held := ory.NewBuffer()
				out, flush = held, func() { held.Flush(w) }
			}
			next.ServeHTTP(out, in)
			if e.cfg.Offboarding != nil {
				e.cfg.Offboarding.Carry(r.Context(), n.orders())
			}
			e.cfg.Endings.Settle(r.Context(), n.ended())
			flush()
			return
		}
		// The one way out that a person goes by: applications that sign out in the browser get their frames.
		out := ory.NewBuffer()
		next.ServeHTTP(out, in)
		frames := e.cfg.Endings.Settle(r.Context(), n.ended())
		if to := out.Header().Get("Location"); to != "" && len(frames) > 0 {
			out.Header().Set("Location", e.cfg.Leave(to, frames))
		}
		out.Flush(w)
	})
}

// Alive says which of a person's sessions are. The empty id asks for the person.
func (e *Engine) Alive(ctx context.Context, subject string, ids []string) (map[string]bool, error) {
	alive := map[string]bool{}
	person, err := uuid.FromString(subject)
	if err != nil {
		return alive, nil // no account of Kratos'
	}
	p := e.registry.Persister()
	i, err := p.GetIdentity(ctx, person, kidentity.ExpandNothing)
	if errors.Is(err, sqlcon.ErrNoRows) {
		return alive, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the account: %w", err)
	}
	if !i.IsActive() {
		return alive, nil
	}
	for _, id := range ids {
		if alive[id] {
			continue
		}
		sid, err := uuid.FromString(id)
		if err != nil {
			alive[id] = true // unknown to Kratos: it did not end
			continue
		}
		s, err := p.GetSession(ctx, sid, ksession.ExpandNothing)
		if err != nil && !errors.Is(err, sqlcon.ErrNoRows) {
			return nil, fmt.Errorf("reading a session: %w", err)
		}
		alive[id] = err == nil && s.IdentityID == person && s.IsActive()
	}
	return alive, nil
}

// Forget takes the cookie of a session that has ended out of the browser. One that is alive stays.
func (e *Engine) Forget(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	name := e.registry.Config().SessionName(ctx)
	if c, err := r.Cookie(name); err != nil || c.Value == "" {
		return
	}
	var none *ksession.ErrNoActiveSessionFound
	if _, err := e.registry.SessionManager().FetchFromRequest(ctx, r); !errors.As(err, &none) {
		return
	}
	cookie, err := e.registry.CookieManager(ctx).Get(r, name)
	if err != nil {
		return // sealed by somebody else: it signs nobody in
	}
	cookie.Options.MaxAge = -1
	if err := cookie.Save(r, w); err != nil {
		e.cfg.Log.WarnContext(ctx, "session cookie not removed", "err", err)
	}
}
