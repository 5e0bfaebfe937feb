package stack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/clientaddr"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/discreet"
	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/revoke"
	"example.com/identityd/internal/shortcut"
	"example.com/identityd/internal/signout"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
	"example.com/identityd/internal/ui"
)

// engines are both engines and the ways between them.
type engines struct {
	hydra  *hydra.Engine
	kratos *kratos.Engine
	// Without a socket: to Hydra's admin handler for Kratos and for the UI, and to Kratos for the UI.
	// Kratos has its own, because a call of its own has to let go of its write lock.
	kratosToHydra, uiToHydra, toKratos, toKratosAdmin *ory.Transport
	turns                                             turns
	dsn                                               map[string]store.DSN
	revocations                                       *revoke.Queue
	signouts                                          *signout.Queue
	throttling                                        throttling
}

// boot builds everything behind the listeners, opens them, and holds the engines until the end.
func (s *Stack) boot(ctx context.Context) error {
	owned, err := s.own()
	if err != nil {
		return err
	}
	defer s.disown(ctx, owned)
	var e engines
	err = await(ctx, func() (err error) { e, err = s.open(ctx); return err })
	if err != nil {
		return quiet(ctx, err)
	}
	err = await(ctx, func() error {
		return s.settle(ctx, e, func(ctx context.Context) error {
			if err := e.turns.whole(ctx); err != nil {
				return err
			}
			return s.start(ctx, e)
		})
	})
	if err != nil {
		if ctx.Err() == nil { // otherwise what was waited for may still use them
			s.close(ctx, e)
		}
		return quiet(ctx, err)
	}
	s.readiness.Ready()
	s.started(ctx, e)
	stop := s.aside(ctx, e.revocations.Run, e.signouts.Run, s.keepSecrets(e), s.keepTrail, func(ctx context.Context) { s.remembering(ctx, e.hydra.Public()) })
	<-ctx.Done()
	stop()
	s.close(ctx, e)
	return nil
}

// await returns when f does or when ctx ends. The engines do not listen to ctx while they start
// (docs/ory-quirks.md#q6), and a person who presses Ctrl-C does not want to wait for them: the
// process is about to end, and f with it.
func await(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// quiet turns the end of ctx into a clean end: being stopped while starting is no failure.
func quiet(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		return nil
	}
	return err
}

func (s *Stack) open(ctx context.Context) (engines, error) {
	sqlseam.Register()
	hydraDSN, kratosDSN, err := store.Resolve(storeSettings(s.cfg.Database, s.cfg.Region))
	if err != nil {
		return engines{}, err
	}
	if hydraDSN, kratosDSN, err = s.meetServers(ctx, hydraDSN, kratosDSN); err != nil {
		return engines{}, err
	}
	s.readiness.Starting("opening the databases")
	loaded, err := loadSchemas(s.cfg)
	if err != nil {
		return engines{}, err
	}
	smtp := ""
	if s.inbox != nil {
		smtp = s.inbox.SMTPURL()
	}
	hc := hydraConfig(s.cfg, s.urls, s.keys, hydraDSN, s.claims)
	kc := kratosConfig(s.cfg, s.urls, s.keys, kratosDSN, loaded, smtp)
	if s.mails, err = writeMails(s.cfg, s.texts, s.urls, &kc); err != nil {
		return engines{}, err
	}
	attach(&hc, &kc, s.log, s.tracing)
	s.letOut(&hc, &kc)
	hc.UnclaimedGrants = s.opts.UnclaimedGrants
	hc.FutureSignIns = s.opts.FutureSignIns
	hc.UncheckedClients = s.opts.UncheckedClients
	hc.Network = func(r *http.Request) string { return clientaddr.Prefix(clientaddr.From(r.Context())).String() }
	hc.UpstreamKeys = s.opts.UpstreamKeys
	hc.Unfixed, kc.Unfixed = s.opts.UnfixedAPIs, s.opts.UnfixedAPIs
	hc.ForgottenSecrets, hc.UpstreamReads = s.opts.ForgottenSecrets, s.opts.UpstreamReads
	kc.Password.Breached, kc.UpstreamPasswords = s.breached(), s.opts.UpstreamPasswords
	kc.BrokenContinuity = s.opts.BrokenContinuity
	kc.AnyState = s.opts.AnyState
	kc.UnjudgedPeople, kc.TellingCodes = s.opts.UnjudgedPeople, s.opts.TellingCodes
	kc.Eager, kc.OldHashes = s.opts.EagerPeople, s.opts.OldHashes

	var e engines
	e.kratosToHydra = s.transport("hydra admin")
	e.uiToHydra = s.transport("hydra admin")
	e.toKratos = s.transport("kratos")
	e.toKratosAdmin = s.transport("kratos admin")
	kc.Hydra = e.kratosToHydra
	kc.Logins = s.hydraClient(e.kratosToHydra)

	e.dsn = map[string]store.DSN{hydraName: hydraDSN, kratosName: kratosDSN}
	if e.turns, err = s.openTurns(kratosDSN); err != nil {
		return engines{}, err
	}
	if err = s.checkProfile(ctx, e.turns); err != nil {
		return engines{}, errors.Join(err, e.turns.close())
	}
	trail, err := s.newTrail(e.turns)
	if err != nil {
		return engines{}, errors.Join(err, e.turns.close())
	}
	s.trail.Store(trail)
	e.revocations = s.revocations(e.turns, kratosDSN.Dialect(), func(ctx context.Context, family string) error {
		return e.hydra.Revoke(ctx, family)
	})
	hc.Families = e.revocations
	e.signouts = s.signouts(e.turns, kratosDSN.Dialect())
	hc.Endings, kc.Endings = e.signouts, e.signouts
	hc.Leave, kc.Leave = s.leave, s.leave
	hc.FormPost = s.formPost
	kc.TooMany, kc.Busy, hc.TooMany = s.tooMany, busy, s.tooManyTokens
	kc.UnevenLogins = s.opts.UnevenLogins
	if !s.opts.UnboundedHashes {
		kc.Hashes, hc.Hashes = hashes(s.cfg.Throttle.Hashes), runtime.GOMAXPROCS(0)
	}
	e.throttling, err = s.openThrottle(kratosDSN, func(ctx context.Context, f func()) bool { return e.kratos.Alone(ctx, f) })
	if err != nil {
		return engines{}, errors.Join(err, e.turns.close())
	}
	s.throttling.Store(&e.throttling)
	kc.Attempts, hc.Attempts = e.throttling.attempts(), e.throttling.attempts()
	hc.Reused, kc.Note = s.noteReuse, s.noteKratos
	if e.kratos, err = kratos.Open(ctx, kc); err != nil {
		return engines{}, errors.Join(fmt.Errorf("starting kratos: %w", err), e.turns.close(), e.throttling.close())
	}
	e.kratosToHydra.Around = e.kratos.Outside
	hc.Sessions = e.kratos
	if e.hydra, err = hydra.Open(ctx, hc); err != nil {
		return engines{}, errors.Join(fmt.Errorf("starting hydra: %w", err), e.kratos.Close(), e.turns.close(), e.throttling.close())
	}
	return e, nil
}

func (s *Stack) transport(name string) *ory.Transport {
	return &ory.Transport{Name: name, Carry: func(from, to context.Context) context.Context {
		to = clientaddr.With(sqlseam.Carry(from, to), clientaddr.From(from))
		if scene := audit.SceneOf(from); scene != nil {
			to = audit.WithScene(to, scene)
		}
		return middleware.WithRequestID(to, middleware.RequestIDFrom(from))
	}}
}

// start makes keys, warms the engines and opens the gates. Both at once: Hydra's keys take seconds.
func (s *Stack) start(ctx context.Context, e engines) error {
	if err := s.settleInstallation(ctx, e.turns); err != nil {
		return err
	}
	s.trail.Load().Open(ctx)
	if err := s.noteConfig(ctx, e.turns); err != nil {
		return err
	}
	s.readiness.Starting("starting the engines")
	results := make(chan error, 2)
	go func() { results <- wrap("starting hydra", e.hydra.Start(ctx)) }()
	go func() { results <- wrap("starting kratos", e.kratos.Start(ctx)) }()
	if err := errors.Join(<-results, <-results); err != nil {
		return err
	}
	e.signouts.Connect(e.hydra, e.kratos)
	e.kratosToHydra.Serve(e.hydra.Admin())
	e.uiToHydra.Serve(e.hydra.Admin())
	e.toKratos.Serve(s.discreet(discreet.Config{Stored: isStoredError, StoredOnly: true}, e.kratos.Public()))
	e.toKratosAdmin.Serve(e.kratos.Admin())

	if err := s.byFile(ctx, func(ctx context.Context) error { return s.declareClients(ctx, e) }); err != nil {
		return fmt.Errorf("declaring clients: %w", err)
	}
	pages, err := s.pages(e)
	if err != nil {
		return fmt.Errorf("building pages: %w", err)
	}
	s.metrics.watch(e.kratos)
	s.metrics.revocations(e.revocations)
	s.metrics.signouts(e.signouts)
	s.metrics.audit(s.trail.Load())
	s.metrics.watchPools(e)
	s.metrics.throttle(e.throttling.limiter)
	s.metrics.verified(e.hydra.Secrets)
	s.metrics.ceilings(map[string]func() ory.CeilingStats{hydraName: e.hydra.Hashing, kratosName: e.kratos.Hashing})
	s.readiness.AddCheck("hydra_database", writableCheck(e.dsn[hydraName], pingCheck(e.hydra.Ping)))
	s.readiness.AddCheck("kratos_database", writableCheck(e.dsn[kratosName], pingCheck(e.kratos.Ping)))
	// One bound for each part, whichever way its requests come.
	public := map[string]http.Handler{
		"ui":            s.bounded("ui", pages),
		"hydra_public":  s.bounded("hydra_public", navigated(s.urls.Hydra, s.discreet(discreet.Config{OAuth: true}, e.hydra.Public()))),
		"kratos_public": s.bounded("kratos_public", navigated(s.urls.Kratos, s.discreet(discreet.Config{Stored: isStoredError}, e.kratos.Public()))),
	}
	for name, h := range public {
		s.gates[name].Open(h)
	}
	s.gates["gateway"].Open(s.shortcuts(gateway.New(
		s.within("hydra_public", public["hydra_public"]),
		s.within("kratos_public", public["kratos_public"]),
		s.within("ui", public["ui"]),
	)))
	s.gates["hydra_admin"].Open(s.memory.Forgetting("/admin/keys", e.hydra.Admin()))
	s.gates["kratos_admin"].Open(e.kratos.Admin())
	return nil
}

func (s *Stack) pages(e engines) (http.Handler, error) {
	csrf, err := s.ownKeys("ui csrf")
	if err != nil {
		return nil, err
	}
	sealing, err := s.ownKeys("ui cookies")
	if err != nil {
		return nil, err
	}
	reader, err := s.reader(e.turns)
	if err != nil {
		return nil, err
	}
	people := kratos.NewClient(e.toKratos, e.toKratosAdmin)
	oauth2 := s.hydraClient(e.uiToHydra)
	pages, err := ui.New(ui.Config{
		Log:        s.log.With("component", "ui"),
		URLs:       ui.URLs{UI: s.urls.UI, KratosPublic: s.urls.Kratos, Hydra: s.urls.Hydra},
		Flows:      people,
		Sessions:   people,
		Identities: people,
		OAuth2:     oauth2,
		Account:    account{people, e.kratos},
		Grants:     grants{oauth2.hydraClient, e.hydra},
		Claims:     s.claims.For,
		CSRFKeys:   csrf,
		Texts:      s.texts,
		SealKeys:   sealing,
		Remember:   identity.Remember(s.cfg.Session.Remember),
		Brand:      dress(s.cfg.UI.Brand),
		Links:      ui.Links(s.cfg.UI.Links),
		RequestID:  middleware.RequestIDFrom,
		Passing:    shortcut.Passing,
		Note:       s.notePage,
		Activity:   activities(reader),

		AccountRules: accountRules(s.cfg),

		CookieDomain: s.urls.CookieDomain,

		Registration: s.cfg.Registration.Mode != config.RegistrationClosed,
		Recovery:     s.cfg.SendsMail(),
		Verification: s.cfg.SendsMail(),
		Settings:     true,
		Inbox:        s.mailbox(),
		Previews:     s.previews(),

		SecondFactorRequired: s.cfg.Login.Second.Required == config.SecondAlways,

		SessionLifespan: s.cfg.Session.Lifespan,
		ClientLogos:     logos(s.cfg.Clients),
		ForeignLogos:    s.cfg.Consent.Logos == config.LogosHTTPS,
		ScopeTexts:      s.cfg.Consent.Scopes,
	})
	if err != nil {
		return nil, err
	}
	s.leaving.Store(pages)
	return oneHostName(s.urls.UI, pages), nil
}

func (s *Stack) hydraClient(rt http.RoundTripper) enrolling {
	return enrolling{
		hydraClient: hydra.NewClient(rt, int64(s.cfg.Consent.RememberFor/time.Second)),

		on: s.cfg.Login.Second.Required == config.SecondAlways, page: s.urls.UI + ui.EnrollPath,
	}
}

// mailbox keeps a nil server from becoming an interface that is not nil.
func (s *Stack) mailbox() ui.Inbox {
	if s.inbox == nil {
		return nil
	}
	return s.inbox
}

// pingCheck words a failed ping so that it may be shown to everybody.
func pingCheck(ping func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := ping(ctx); err != nil {
			return errors.New(store.Explain(err))
		}
		return nil
	}
}

func (s *Stack) close(ctx context.Context, e engines) {
	// The trail before its database, and after what could still have something to put into it.
	err := errors.Join(e.hydra.Close(), e.kratos.Close(), s.trail.Load().Close(context.WithoutCancel(ctx)), e.turns.close(), e.throttling.close())
	if err != nil {
		s.log.WarnContext(ctx, "closing the engines was not clean", "err", err)
	}
}

func wrap(doing string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
