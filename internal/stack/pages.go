package stack

import (
	"fmt"
	"net/http"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/shortcut"
	"example.com/identityd/internal/ui"
)

// putOn builds the pages of these settings over a pair.
func (s *Stack) putOn(p *pair, set settings) error {
	f, err := s.pages(p, set)
	if err != nil {
		return fmt.Errorf("building pages: %w", err)
	}
	p.face.Store(f)
	return nil
}

func (s *Stack) pages(p *pair, set settings) (*face, error) {
	cfg := set.cfg
	csrf, err := s.ownKeys(set.keys, "ui csrf")
	if err != nil {
		return nil, err
	}
	sealing, err := s.ownKeys(set.keys, "ui cookies")
	if err != nil {
		return nil, err
	}
	reader, err := set.keys.reader(p.turns)
	if err != nil {
		return nil, err
	}
	people := kratos.NewClient(p.toKratos, p.toKratosAdmin)
	oauth2 := s.hydraClient(cfg, p.uiToHydra)
	pages, err := ui.New(ui.Config{
		Log:        s.log.With("component", "ui"),
		URLs:       ui.URLs{UI: s.urls.UI, KratosPublic: s.urls.Kratos, Hydra: s.urls.Hydra},
		Flows:      people,
		Sessions:   people,
		Identities: people,
		OAuth2:     oauth2,
		Account:    account{people, p.kratos},
		Grants:     grants{oauth2.hydraClient, p.hydra},
		Claims:     set.claims.For,
		Consents:   consents{p.hooks},
		CSRFKeys:   csrf,
		Texts:      set.texts,
		SealKeys:   sealing,
		Remember:   identity.Remember(cfg.Session.Remember),
		Brand:      dress(cfg.UI.Brand),
		Links:      ui.Links(cfg.UI.Links),
		RequestID:  middleware.RequestIDFrom,
		Passing:    shortcut.Passing,
		Note:       s.notePage,
		Told:       told,
		ErrorCode:  codeOf,
		Activity:   activities(reader),
		Data:       s.persons(p),

		AccountRules: accountRules(cfg),

		CookieDomain: s.urls.CookieDomain,

		Registration: cfg.Registration.Mode != config.RegistrationClosed,
		ByInvitation: cfg.Registration.Mode == config.RegistrationInvite,
		Invitations:  p.kratos,
		Recovery:     cfg.SendsMail(),
		Verification: cfg.SendsMail(),
		Settings:     true,
		Inbox:        s.mailbox(),
		Previews:     s.previews(p.mails),

		VerifiedRequired:     verifiedRequired(cfg),
		SecondFactorRequired: cfg.Login.Second.Required == config.SecondAlways,

		SessionLifespan: cfg.Session.Lifespan,
		ClientLogos:     logos(cfg.Clients),
		ForeignLogos:    cfg.Consent.Logos == config.LogosHTTPS,
		ScopeTexts:      cfg.Consent.Scopes,
	})
	if err != nil {
		return nil, err
	}
	return &face{pages: pages, handler: s.forwardAuth(p, set, people, oneHostName(s.urls.UI, pages))}, nil
}

func (s *Stack) hydraClient(cfg config.Config, rt http.RoundTripper) enrolling {
	return enrolling{
		hydraClient: hydra.NewClient(rt, int64(cfg.Consent.RememberFor/time.Second)),

		on: cfg.Login.Second.Required == config.SecondAlways, page: s.urls.UI + ui.EnrollPath,
	}
}

// mailbox keeps a nil server from becoming an interface that is not nil.
func (s *Stack) mailbox() ui.Inbox {
	if s.inbox == nil {
		return nil
	}
	return s.inbox
}
