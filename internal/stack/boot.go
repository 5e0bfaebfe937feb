package stack

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"example.com/identityd/internal/discreet"
	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/hooks"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/offboard"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/revoke"
	"example.com/identityd/internal/signout"
	"example.com/identityd/internal/store"
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
	offboarding *offboard.Queue
	hooks       *hooks.Hooks
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
	stop := s.aside(ctx, p.revocations.Run, p.signouts.Run, p.offboarding.Run, p.hooks.Run, s.keepSecrets, s.keepTrail, s.remembering, s.keepDeclared, s.watchHealth)
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

// start makes keys, warms the engines and opens the gates.
func (s *Stack) start(ctx context.Context, p *pair) error {
	if err := s.settleInstallation(ctx, p.turns); err != nil {
		return err
	}
	s.trail.Load().Open(ctx)
	if err := s.noteConfig(ctx, p.turns); err != nil {
		return err
	}
	s.starting("starting the engines")
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
	s.metrics.offboarding(p.offboarding)
	s.metrics.hooks(p.hooks)
	s.metrics.audit(s.trail.Load())
	s.metrics.watchPools(s.pools)
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
		"kratos_public": navigated(s.urls.Kratos, s.discreet(discreet.Config{Stored: isStoredError, Unnamed: kratos.Unnamed()}, p.kratos.Public())),
		"hydra_admin":   p.hydra.Admin(),
		"kratos_admin":  s.persons(p).handler(s.hookDoor(p.hooks, p.kratos.Admin())),
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
