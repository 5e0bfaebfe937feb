package hydra

import (
	"context"
	"errors"
	"net/http"

	"github.com/gobuffalo/pop/v6"
	"github.com/ory/hydra/v2/client"
	"github.com/ory/hydra/v2/consent"
	hdriver "github.com/ory/hydra/v2/driver"
	"github.com/ory/hydra/v2/flow"
	hoauth2 "github.com/ory/hydra/v2/oauth2"
	hx "github.com/ory/hydra/v2/x"
)

// Endings takes what the end of one of Hydra's sessions brings about: Tell writes down which clients have
// to be told by back channel.
type Endings interface {
	Tell(ctx context.Context, session string, clients []string) error
}

// logout is the registry with another way to sign out: clients are told through Endings instead of by
// goroutines that end with the process, sessions without "remember" end like all others
// (docs/ory-quirks.md#q68), and front-channel logout is a page of ours (docs/ory-quirks.md#q69).
type logout struct {
	hdriver.Registry
	strategy *logoutStrategy
}

// ConsentStrategy implements consent.Registry.
func (l logout) ConsentStrategy() consent.Strategy { return l.strategy }

// ConsentManager implements consent.Registry.
func (l logout) ConsentManager() consent.Manager {
	return endingManager{l.Registry.ConsentManager(), l.strategy.engine}
}

// logoutRoutes puts ours in front of the routes by which sessions end. They are upstream's own, on the
// registry above.
func (e *Engine) logoutRoutes(publicNext, adminNext http.Handler) (public, admin http.Handler) {
	s := &logoutStrategy{engine: e}
	l := logout{e.registry, s}
	s.Strategy = consent.NewStrategy(l, e.registry.Config())
	e.leaving = s
	adminRouter, publicRouter := hx.NewRouterAdmin(e.registry.Config().AdminURL), hx.NewRouterPublic()
	hoauth2.NewHandler(l, e.registry.Config()).SetRoutes(adminRouter, publicRouter, e.registry.OAuth2AwareMiddleware())
	consent.NewHandler(l, e.registry.Config()).SetRoutes(adminRouter)
	pick := func(path string, ours, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path {
				ours.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	return pick(hoauth2.LogoutPath, publicRouter, publicNext),
		pick("/admin"+consent.SessionsPath+"/login", adminRouter, adminNext)
}

// logoutStrategy finishes a logout in the browser.
type logoutStrategy struct {
	consent.Strategy
	engine *Engine
}

// HandleOpenIDConnectLogout implements consent.Strategy.
func (s *logoutStrategy) HandleOpenIDConnectLogout(ctx context.Context, w http.ResponseWriter, r *http.Request) (*flow.LogoutResult, error) {
	done, err := s.Strategy.HandleOpenIDConnectLogout(ctx, w, r)
	if err != nil || done == nil {
		return done, err
	}
	// Kratos' session has ended by now; its cookie would only be in the way.
	s.engine.cfg.Sessions.Forget(w, r)
	if len(done.FrontChannelLogoutURLs) > 0 && s.engine.cfg.Leave != nil {
		done.RedirectTo, done.FrontChannelLogoutURLs = s.engine.cfg.Leave(done.RedirectTo, done.FrontChannelLogoutURLs), nil
	}
	return done, nil
}

// endingManager is what a logout knows of the database.
type endingManager struct {
	consent.Manager
	engine *Engine
}

// GetRememberedLoginSession finds the others as well: a logout has to end them too.
func (m endingManager) GetRememberedLoginSession(ctx context.Context, known *flow.LoginSession, id string) (*flow.LoginSession, error) {
	s, err := m.Manager.GetRememberedLoginSession(ctx, known, id)
	if !errors.Is(err, hx.ErrNotFound) {
		return s, err
	}
	return m.engine.login(ctx, id)
}

// ListUserAuthenticatedClientsWithBackChannelLogout writes down whom to tell, and tells upstream that there
// is nobody, so that it sends nothing itself.
func (m endingManager) ListUserAuthenticatedClientsWithBackChannelLogout(ctx context.Context, subject, sid string) ([]client.Client, error) {
	return nil, m.engine.tell(ctx, subject, sid)
}

// DeleteLoginSession implements consent.Manager.
func (m endingManager) DeleteLoginSession(ctx context.Context, id string) (*flow.LoginSession, error) {
	if err := m.engine.revokeGrants(ctx, id); err != nil {
		return nil, err
	}
	return m.Manager.DeleteLoginSession(ctx, id)
}

// tell hands over the clients that want to be told of the end of a session.
func (e *Engine) tell(ctx context.Context, subject, sid string) error {
	if e.cfg.Endings == nil {
		return nil
	}
	list, err := e.registry.ConsentManager().ListUserAuthenticatedClientsWithBackChannelLogout(ctx, subject, sid)
	if err != nil {
		return err
	}
	ids := make([]string, 0, len(list))
	for i := range list {
		ids = append(ids, list[i].GetID())
	}
	return e.cfg.Endings.Tell(ctx, sid, ids)
}

// revokeGrants revokes the tokens and the consents that were given in a session, where that is wanted. The
// rows of tokens go with the flow that they came of (docs/ory-quirks.md#q70).
func (e *Engine) revokeGrants(ctx context.Context, sid string) error {
	if !e.cfg.RevokeAtLogout {
		return nil
	}
	p := e.registry.Persister()
	return p.Transaction(ctx, func(ctx context.Context, c *pop.Connection) error {
		nid := p.NetworkID(ctx)
		for _, table := range []string{"hydra_oauth2_access", "hydra_oauth2_refresh"} {
			err := c.RawQuery("DELETE FROM "+table+" WHERE nid = ? AND challenge_id IN (SELECT consent_challenge_id"+ //nolint:gosec // constants
				" FROM hydra_oauth2_flow WHERE login_session_id = ? AND nid = ? AND consent_challenge_id IS NOT NULL)", nid, sid, nid).Exec()
			if err != nil {
				return err
			}
		}
		return c.RawQuery("DELETE FROM hydra_oauth2_flow WHERE login_session_id = ? AND nid = ?", sid, nid).Exec()
	})
}
