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
	shared
}

// shared is what outlives the engines: whatever pair is the current one works with it.
type shared struct {
	turns       turns
	dsn         map[string]store.DSN
	serial      map[string]*ory.Serializer
	revocations *revoke.Queue
	signouts    *signout.Queue
	throttling  throttling
}

// boot builds everything behind the listeners, opens them, and holds the engines until the end.
func (s *Stack) boot(ctx context.Context) error {
	owned, err := s.own()
	if err != nil {
		return err
	}
	defer s.disown(ctx, owned)
	var p *pair
	err = await(ctx, func() (err error) { p, err = s.open(ctx); return err })
	if err != nil {
		return quiet(ctx, err)
	}
	err = await(ctx, func() error {
		return s.settle(ctx, p.engines, func(ctx context.Context) error {
			if err := p.turns.whole(ctx); err != nil {
				return err
			}
			return s.start(ctx, p)
		})
	})
	if err != nil {
		if ctx.Err() == nil { // otherwise what was waited for may still use them
			s.close(ctx, p)
		}
		return quiet(ctx, err)
	}
	s.readiness.Ready()
	s.started(ctx)
	stop := s.aside(ctx, p.revocations.Run, p.signouts.Run, s.keepSecrets, s.keepTrail, s.remembering, s.keepDeclared)
	<-ctx.Done()
	stop()
	s.retiring.Wait()
	s.close(ctx, s.current())
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

// open opens the databases with the configuration of the start, and with them the first pair of engines.
func (s *Stack) open(ctx context.Context) (*pair, error) {
	sqlseam.Register()
	hydraDSN, kratosDSN, err := store.Resolve(storeSettings(s.cfg.Database, s.cfg.Region))
	if err != nil {
		return nil, err
	}
	if hydraDSN, kratosDSN, err = s.meetServers(ctx, hydraDSN, kratosDSN); err != nil {
		return nil, err
	}
	s.readiness.Starting("opening the databases")
	h, err := s.openShared(ctx, hydraDSN, kratosDSN)
	if err != nil {
		return nil, err
	}
	p, err := s.openPair(ctx, s.first(), h)
	if err != nil {
		return nil, errors.Join(err, h.turns.close(), h.throttling.close())
	}
	return p, nil
}

// openShared opens what all pairs share.
func (s *Stack) openShared(ctx context.Context, hydraDSN, kratosDSN store.DSN) (h shared, err error) {
	h.dsn = map[string]store.DSN{hydraName: hydraDSN, kratosName: kratosDSN}
	h.serial = map[string]*ory.Serializer{}
	for name, dsn := range h.dsn {
		if dsn.Dialect() == store.SQLite {
			h.serial[name] = ory.NewSerializer()
		}
	}
	if h.turns, err = s.openTurns(kratosDSN); err != nil {
		return h, err
	}
	if err = s.checkProfile(ctx, h.turns); err != nil {
		return h, errors.Join(err, h.turns.close())
	}
	trail, err := s.newTrail(h.turns)
	if err != nil {
		return h, errors.Join(err, h.turns.close())
	}
	s.trail.Store(trail)
	h.revocations = s.revocations(h.turns, kratosDSN.Dialect(), following{s}.revoke)
	h.signouts = s.signouts(h.turns, kratosDSN.Dialect())
	h.signouts.Connect(following{s}, following{s})
	h.throttling, err = s.openThrottle(s.first(), kratosDSN, h.serial[kratosName].Do)
	if err != nil {
		return h, errors.Join(err, h.turns.close())
	}
	s.throttling.Store(&h.throttling)
	return h, nil
}

// openPair opens a pair of engines. It lives until it is closed, or ctx ends.
func (s *Stack) openPair(ctx context.Context, set settings, h shared) (_ *pair, err error) {
	loaded, err := loadSchemas(set.cfg)
	if err != nil {
		return nil, err
	}
	smtp := ""
	if s.inbox != nil && set.cfg.Inbox() {
		smtp = s.inbox.SMTPURL()
	}
	p := &pair{settings: set, engines: engines{shared: h}, inside: newInside(), replaced: make(chan struct{})}
	// The engines keep a goroutine for their settings until this ends (docs/ory-quirks.md#q170).
	ctx, p.end = context.WithCancel(ctx)
	hc := hydraConfig(set.cfg, s.urls, set.keys, h.dsn[hydraName], set.claims)
	kc := kratosConfig(set.cfg, s.urls, set.keys, h.dsn[kratosName], loaded, smtp)
	if p.mails, err = writeMails(set.cfg, set.texts, s.urls, &kc); err != nil {
		return nil, errors.Join(err, p.closeEngines())
	}
	attach(&hc, &kc, s.log, s.tracing)
	s.letOut(&hc, &kc)
	s.switches(&hc, &kc)
	hc.Serial, kc.Serial = h.serial[hydraName], h.serial[kratosName]
	hc.Network = func(r *http.Request) string { return clientaddr.Prefix(clientaddr.From(r.Context())).String() }
	kc.Password.Breached = s.breached(set.cfg)

	p.kratosToHydra = s.transport("hydra admin")
	p.uiToHydra = s.transport("hydra admin")
	p.toKratos = s.transport("kratos")
	p.toKratosAdmin = s.transport("kratos admin")
	kc.Hydra = p.kratosToHydra
	kc.Logins = s.hydraClient(set.cfg, p.kratosToHydra)

	hc.Families = h.revocations
	hc.Endings, kc.Endings = h.signouts, h.signouts
	hc.Leave, kc.Leave = s.leave, s.leave
	hc.FormPost = s.formPost
	kc.TooMany, kc.Busy, hc.TooMany = s.tooMany, busy, s.tooManyTokens
	if !s.opts.UnboundedHashes {
		kc.Hashes, hc.Hashes = hashes(set.cfg.Throttle.Hashes), runtime.GOMAXPROCS(0)
	}
	kc.Attempts, hc.Attempts = s.attempts(h.throttling), s.attempts(h.throttling)
	hc.Reused, kc.Note, hc.Told = s.noteReuse, s.noteKratos, told
	if p.kratos, err = kratos.Open(ctx, kc); err != nil {
		return nil, errors.Join(fmt.Errorf("starting kratos: %w", err), p.closeEngines())
	}
	p.kratosToHydra.Around = p.kratos.Outside
	hc.Sessions = p.kratos
	if p.hydra, err = hydra.Open(ctx, hc); err != nil {
		return nil, errors.Join(fmt.Errorf("starting hydra: %w", err), p.closeEngines())
	}
	return p, nil
}

// switches hands on what tests leave out.
func (s *Stack) switches(hc *hydra.Config, kc *kratos.Config) {
	hc.UnclaimedGrants = s.opts.UnclaimedGrants
	hc.FutureSignIns = s.opts.FutureSignIns
	hc.UncheckedClients = s.opts.UncheckedClients
	hc.UpstreamKeys = s.opts.UpstreamKeys
	hc.Unfixed, kc.Unfixed = s.opts.UnfixedAPIs, s.opts.UnfixedAPIs
	hc.ForgottenSecrets, hc.UpstreamReads = s.opts.ForgottenSecrets, s.opts.UpstreamReads
	kc.UpstreamPasswords = s.opts.UpstreamPasswords
	kc.BrokenContinuity = s.opts.BrokenContinuity
	kc.AnyState = s.opts.AnyState
	kc.UnjudgedPeople, kc.TellingCodes = s.opts.UnjudgedPeople, s.opts.TellingCodes
	kc.Eager, kc.OldHashes = s.opts.EagerPeople, s.opts.OldHashes
	kc.UnevenLogins = s.opts.UnevenLogins
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

// start makes keys, warms the engines and opens the gates.
func (s *Stack) start(ctx context.Context, p *pair) error {
	if err := s.settleInstallation(ctx, p.turns); err != nil {
		return err
	}
	s.trail.Load().Open(ctx)
	if err := s.noteConfig(ctx, p.turns); err != nil {
		return err
	}
	s.readiness.Starting("starting the engines")
	if err := s.startPair(ctx, p); err != nil {
		return err
	}
	if err := s.byFile(ctx, func(ctx context.Context) error { return s.declareAtStart(ctx, p) }); err != nil {
		return fmt.Errorf("declaring clients and identities: %w", err)
	}
	if err := s.putOn(p, p.settings); err != nil {
		return err
	}
	s.metrics.counted.add(p)
	s.pair.Store(p)
	s.leaving.Store(p.face.Load().pages)
	s.metrics.watch(s.current)
	s.metrics.revocations(p.revocations)
	s.metrics.signouts(p.signouts)
	s.metrics.audit(s.trail.Load())
	s.metrics.watchPools(s.current)
	s.metrics.throttle(s.throttling.Load)
	s.readiness.AddCheck("hydra_database", writableCheck(p.dsn[hydraName], pingCheck(s.ping(hydraName))))
	s.readiness.AddCheck("kratos_database", writableCheck(p.dsn[kratosName], pingCheck(s.ping(kratosName))))
	// One bound for each part, whichever way its requests come, and whichever engines they meet.
	public := map[string]http.Handler{}
	for _, name := range []string{"ui", "hydra_public", "kratos_public"} {
		public[name] = s.bounded(name, s.through(name))
		s.gates[name].Open(public[name])
	}
	s.gates["gateway"].Open(s.shortcuts(gateway.New(
		s.within("hydra_public", public["hydra_public"]),
		s.within("kratos_public", public["kratos_public"]),
		s.within("ui", public["ui"]),
	)))
	s.gates["hydra_admin"].Open(s.memory.Forgetting("/admin/keys", s.through("hydra_admin")))
	s.gates["kratos_admin"].Open(s.through("kratos_admin"))
	return nil
}

// startPair starts both engines, at once since Hydra's keys take seconds, and connects them.
func (s *Stack) startPair(ctx context.Context, p *pair) error {
	results := make(chan error, 2)
	go func() { results <- wrap("starting hydra", p.hydra.Start(ctx)) }()
	go func() { results <- wrap("starting kratos", p.kratos.Start(ctx)) }()
	if err := errors.Join(<-results, <-results); err != nil {
		return err
	}
	p.kratosToHydra.Serve(p.hydra.Admin())
	p.uiToHydra.Serve(p.hydra.Admin())
	p.toKratos.Serve(s.discreet(discreet.Config{Stored: isStoredError, StoredOnly: true}, p.kratos.Public()))
	p.toKratosAdmin.Serve(p.kratos.Admin())
	p.handlers = map[string]http.Handler{
		"ui":            http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.face.Load().handler.ServeHTTP(w, r) }),
		"hydra_public":  navigated(s.urls.Hydra, s.discreet(discreet.Config{OAuth: true}, p.hydra.Public())),
		"kratos_public": navigated(s.urls.Kratos, s.discreet(discreet.Config{Stored: isStoredError}, p.kratos.Public())),
		"hydra_admin":   p.hydra.Admin(),
		"kratos_admin":  p.kratos.Admin(),
	}
	return nil
}

// ping asks the database of an engine for a sign of life.
func (s *Stack) ping(engine string) func(context.Context) error {
	return func(ctx context.Context) error {
		return s.with(func(p *pair) error {
			if engine == hydraName {
				return p.hydra.Ping(ctx)
			}
			return p.kratos.Ping(ctx)
		})
	}
}

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
		Activity:   activities(reader),

		AccountRules: accountRules(cfg),

		CookieDomain: s.urls.CookieDomain,

		Registration: cfg.Registration.Mode != config.RegistrationClosed,
		Recovery:     cfg.SendsMail(),
		Verification: cfg.SendsMail(),
		Settings:     true,
		Inbox:        s.mailbox(),
		Previews:     s.previews(p.mails),

		SecondFactorRequired: cfg.Login.Second.Required == config.SecondAlways,

		SessionLifespan: cfg.Session.Lifespan,
		ClientLogos:     logos(cfg.Clients),
		ForeignLogos:    cfg.Consent.Logos == config.LogosHTTPS,
		ScopeTexts:      cfg.Consent.Scopes,
	})
	if err != nil {
		return nil, err
	}
	return &face{pages: pages, handler: oneHostName(s.urls.UI, pages)}, nil
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

// pingCheck words a failed ping so that it may be shown to everybody.
func pingCheck(ping func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := ping(ctx); err != nil {
			return errors.New(store.Explain(err))
		}
		return nil
	}
}

// close closes a pair, and with it all that the pairs share.
func (s *Stack) close(ctx context.Context, p *pair) {
	// The trail before its database, and after what could still have something to put into it.
	err := errors.Join(p.closeEngines(), s.trail.Load().Close(context.WithoutCancel(ctx)), p.turns.close(), s.throttling.Load().close())
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
