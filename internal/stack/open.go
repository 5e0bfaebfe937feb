package stack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/clientaddr"
	"example.com/identityd/internal/crossorigin"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

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
	s.starting("opening the databases")
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
	if h.hooks, err = s.newHooks(h.turns, kratosDSN.Dialect(), s.cfg); err != nil {
		return h, errors.Join(err, h.turns.close())
	}
	h.offboarding = s.offboarding(h.turns, kratosDSN.Dialect(), h.hooks)
	h.offboarding.Connect(ofKratos{s}, ofHydra{s})
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
	logins := s.hydraClient(set.cfg, p.kratosToHydra)
	kc.Logins, kc.Client = logins, logins.Client
	kc.Invitations = invitations(h.turns, h.dsn[kratosName].Dialect())

	hc.Families = h.revocations
	if h.turns.db != nil { // a database in memory has no tables of ours
		hc.Replaced = store.NewClientSecrets(h.turns.db, h.dsn[kratosName].Dialect())
	}
	hc.Endings, kc.Endings = h.signouts, h.signouts
	kc.Offboarding = h.offboarding
	kc.Hooks = h.hooks
	hc.Leave, kc.Leave = s.leave, s.leave
	hc.FormPost = s.formPost
	hc.Issuing, hc.SignedIn = s.issuing(p), s.signedIn(p)
	kc.TooMany, kc.Busy, hc.TooMany = s.tooMany, busy, s.tooManyTokens
	if !s.opts.UnboundedHashes {
		kc.Hashes, hc.Hashes = hashes(set.cfg.Throttle.Hashes), runtime.GOMAXPROCS(0)
	}
	kc.Attempts, hc.Attempts = s.attempts(h.throttling), s.attempts(h.throttling)
	hc.Refusals, kc.Refusals = s.refusals, s.refusals
	kc.ClientOrigin = func(origin string) crossorigin.Standing { return p.hydra.ClientOrigin(origin) }
	hc.Registered = s.noteRegistration
	hc.Counted, kc.Counted = count, count
	kc.Mailed, kc.Queued, kc.Sending = s.metrics.mail.sent, s.mails.queued, s.sendingMail
	hc.Reused, kc.Note, hc.Told = s.noteReuse, s.noteKratos, told
	hc.Story, hc.Joins = storyFor, joinStory
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
	return &ory.Transport{Name: name, Open: s.traces.Open, Carry: func(from, to context.Context) context.Context {
		to = clientaddr.With(sqlseam.Carry(from, to), clientaddr.From(from))
		if scene := audit.SceneOf(from); scene != nil {
			to = audit.WithScene(to, scene)
		}
		if counts := tallyOf(from); counts != nil {
			to = context.WithValue(to, tallyKey{}, counts)
		}
		return middleware.WithRequestID(to, middleware.RequestIDFrom(from))
	}}
}
