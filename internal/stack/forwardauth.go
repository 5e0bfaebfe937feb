package stack

import (
	"context"
	"net/http"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/forwardauth"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/plainpage"
	"example.com/identityd/internal/ui"
	"example.com/identityd/internal/why"
)

// proxyAsks keeps what a trusted proxy asks at forward-auth, before the headers that it asks by are taken away from
// every request.
func (s *Stack) proxyAsks(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == forwardauth.Path && s.clients.Trusts(r.RemoteAddr) {
			if a, err := forwardauth.Read(r.Header); err == nil {
				r = r.WithContext(forwardauth.With(r.Context(), a))
			} else {
				s.log.DebugContext(r.Context(), "forward-auth not understood", "reason", err.Error())
			}
		}
		next.ServeHTTP(w, r)
	})
}

// forwardAuth is what proxies ask, in front of the pages. It asks the engines of its pair.
func (s *Stack) forwardAuth(p *pair, set settings, people hasFactors, pages http.Handler) http.Handler {
	cfg := set.cfg
	h := forwardauth.New(forwardauth.Config{
		Log:   s.log.With("component", "forward-auth"),
		Rules: protected(cfg.Protect), Pages: s.urls.UI, Enroll: s.urls.UI + ui.EnrollPath,
		Session: func(ctx context.Context, cookies string) (*identity.Session, error) {
			// A context of its own: the engines keep their transactions under one key (docs/ory-quirks.md#q20).
			across, cancel := p.toKratos.Context(ctx)
			defer cancel()
			return p.kratos.Whoami(across, cookies)
		},
		Claims: func(person identity.Identity) map[string]any {
			told, _ := set.claims.For(person, []string{"profile", "email", "groups"}, nil)
			return told
		},
		Verified: verifiedRequired(cfg), Second: cfg.Login.Second.Required == config.SecondAlways,
		HasSecond: func(ctx context.Context, id string) (bool, error) {
			factors, err := people.FactorsOf(ctx, id)
			return identity.HasSecond(factors), err
		},
		Refuse: refusePage,
		Told: func(ctx context.Context, word, sentence string) {
			told(ctx, identity.Told{Cause: why.ForwardAuth + word, Reason: sentence})
		},
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == forwardauth.Path {
			h.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

type hasFactors interface {
	FactorsOf(ctx context.Context, person string) ([]identity.Factor, error)
}

func verifiedRequired(cfg config.Config) bool {
	return cfg.SendsMail() && cfg.Identity.Verification == config.VerificationRequired
}

// protected translates the rules. It is pure.
func protected(list []config.ProtectRule) forwardauth.Rules {
	var out forwardauth.Rules
	for _, r := range list {
		out = append(out, forwardauth.Rule{
			Host: r.Host, Paths: r.Paths, Groups: r.Groups, Public: r.Public, Second: r.AAL == config.AAL2,
		})
	}
	return out
}

// refusePage is shown at the address of an application, which has none of our stylesheets.
func refusePage(w http.ResponseWriter, r *http.Request, of forwardauth.Refusal) {
	page := plainpage.Refused{Account: of.Account, Other: of.Other, Mend: of.Mend}
	switch of.Reason {
	case forwardauth.NotIn:
		page.Why = plainpage.NotIn
	case forwardauth.NoSecond:
		page.Why = plainpage.NoSecond
	case forwardauth.Unverified:
		page.Why = plainpage.Unverified
	}
	if !plainpage.Refuse(w, r, page, middleware.RequestIDFrom(r.Context())) {
		http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
	}
}
