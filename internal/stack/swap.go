package stack

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/heap"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/plainpage"
	"example.com/identityd/internal/reload"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

const (
	// warmConnections are what each of the second engines may open before it serves.
	warmConnections = 4
	// warmIn bounds each request that it is tried with.
	warmIn = 30 * time.Second
	// drainIn is how long requests of the first pair may take once the second one serves. No listener lets one
	// take longer.
	drainIn = 60 * time.Second
	// abandonIn is how long a stop waits for a pair that is being built, which does not listen
	// (docs/ory-quirks.md#q6).
	abandonIn = 10 * time.Second
)

// now are the settings in force.
func (s *Stack) now() settings {
	if set := s.running.Load(); set != nil {
		return *set
	}
	return s.first()
}

// settingsOf makes settings of a changed configuration.
func (s *Stack) settingsOf(ctx context.Context, c config.Config) (set settings, err error) {
	set = settings{cfg: c}
	if set.keys, err = resolveKeys(ctx, c, s.log); err != nil {
		return set, err
	}
	if set.claims, err = compileClaims(c.Claims, s.log); err != nil {
		return set, err
	}
	set.texts, err = offer(c.UI)
	return set, err
}

// prepareEngines makes the pages of a configuration, and the engines where those are concerned.
func (s *Stack) prepareEngines(ctx context.Context, c config.Config, changed []string) (reload.Change, error) {
	was := s.now()
	engines := slices.DeleteFunc(slices.Clone(changed), func(word string) bool {
		kind, _ := ReloadOf(word)
		return kind != ReloadEngines
	})
	if len(engines) == 0 && !slices.Equal(was.cfg.CORSOrigins(), c.CORSOrigins()) {
		engines = []string{"clients"} // their origins
	}
	if len(engines) == 0 {
		was.cfg = c
		return s.preparePages(was)
	}
	words := strings.Join(engines, ", ")
	if err := s.roomForAPair(ctx, c); err != nil {
		var restart *reload.RestartError
		if errors.As(err, &restart) {
			restart.Words = engines
			return reload.Change{}, restart
		}
		return reload.Change{}, worded(words, err)
	}
	set, err := s.settingsOf(ctx, c)
	if err != nil {
		return reload.Change{}, worded(words, err)
	}
	plain, err := plainPages(c.UI, set.texts)
	if err != nil {
		return reload.Change{}, worded(words, err)
	}
	s.log.InfoContext(ctx, "a second pair of engines is being made", "keys", engines)
	p, err := s.second(ctx, set)
	if err != nil {
		return reload.Change{}, worded(words, err)
	}
	return reload.Change{
		Apply: func() { s.swap(ctx, p, plain) },
		Discard: func() {
			if err := s.closeSecond(p); err != nil {
				s.log.WarnContext(ctx, "closing the second pair of engines was not clean", "err", err)
			}
		},
	}, nil
}

// worded names the words that an error is about.
func worded(words string, err error) error { return fmt.Errorf("%s: %w", words, err) }

func (s *Stack) preparePages(set settings) (reload.Change, error) {
	p := s.current() // only this goroutine puts another in its place
	f, err := s.pages(p, set)
	if err != nil {
		return reload.Change{}, fmt.Errorf("building pages: %w", err)
	}
	return reload.Change{Apply: func() {
		p.face.Store(f)
		s.leaving.Store(f.pages)
	}}, nil
}

// second builds and warms a pair beside the one that serves. It returns when ctx ends, although engines do not
// listen: whatever they come to is closed then.
func (s *Stack) second(ctx context.Context, set settings) (*pair, error) {
	s.retiring.Wait() // there are never three
	type result struct {
		*pair
		error
	}
	done := make(chan result, 1)
	s.retiring.Go(func() {
		p, err := s.build(ctx, set)
		if err == nil && ctx.Err() != nil {
			err = errors.Join(context.Cause(ctx), s.closeSecond(p))
		}
		done <- result{p, err}
	})
	select {
	case r := <-done:
		return r.pair, r.error
	case <-ctx.Done():
	}
	select {
	case r := <-done:
		return nil, r.error
	case <-time.After(abandonIn):
		return nil, context.Cause(ctx)
	}
}

func (s *Stack) build(ctx context.Context, set settings) (_ *pair, err error) {
	h := s.current().shared
	if set.cfg.Throttle.Enabled != (h.throttling.limiter != nil) {
		if h.throttling, err = s.openThrottle(set, h.dsn[kratosName], h.serial[kratosName].Do); err != nil {
			return nil, err
		}
	}
	// It outlives whoever asked for it.
	p, err := s.openPair(context.WithoutCancel(ctx), set, h)
	if err != nil {
		return nil, err
	}
	p.widen = narrow(p.hydra.DB(), p.kratos.DB())
	err = s.startPair(ctx, p)
	if err == nil {
		err = s.putOn(p, set)
	}
	if err == nil {
		err = s.tryOut(ctx, p)
	}
	if err != nil {
		return nil, errors.Join(err, s.closeSecond(p))
	}
	return p, nil
}

// narrow bounds pools to what it takes to warm engines, and returns what gives them their size back.
func narrow(pools ...*sql.DB) (widen func()) {
	sizes := make([]int, len(pools))
	for i, db := range pools {
		if sizes[i] = db.Stats().MaxOpenConnections; sizes[i] == 0 || sizes[i] > warmConnections {
			db.SetMaxOpenConns(warmConnections)
		}
	}
	return func() {
		for i, db := range pools {
			db.SetMaxOpenConns(sizes[i])
		}
	}
}

// tryOut asks a pair for what everybody asks for first.
func (s *Stack) tryOut(ctx context.Context, p *pair) error {
	type request struct{ part, url string }
	list := []request{{"ui", s.urls.UI + "/login"}, {"ui", s.urls.UI + "/account/signed-out"}, {"kratos_public", s.urls.Kratos + "/self-service/login/api"}}
	for _, path := range publicDocuments() {
		list = append(list, request{"hydra_public", strings.TrimRight(s.urls.Hydra, "/") + path})
	}
	if p.cfg.Registration.Mode != config.RegistrationClosed {
		list = append(list, request{"kratos_public", s.urls.Kratos + "/self-service/registration/api"})
	}
	for _, one := range list {
		if err := s.try(ctx, p.handlers[one.part], one.url); err != nil {
			return fmt.Errorf("trying the new engines: %w", err)
		}
	}
	return nil
}

func (s *Stack) try(ctx context.Context, h http.Handler, url string) error {
	ctx, cancel := context.WithTimeout(ctx, warmIn)
	defer cancel()
	ctx, record := sqlseam.NewContext(ctx)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	out := ory.NewBuffer()
	if err := ory.Guard("engines", func() error { h.ServeHTTP(out, r); return nil }); err != nil {
		return fmt.Errorf("GET %s: %w", r.URL.Path, err)
	}
	switch {
	case record.Failure() != nil:
		return fmt.Errorf("GET %s: %s; %w", r.URL.Path, store.Explain(record.Failure()), reload.ErrLater)
	case ctx.Err() != nil:
		return fmt.Errorf("GET %s: %w", r.URL.Path, context.Cause(ctx))
	case out.Status() >= http.StatusBadRequest:
		return fmt.Errorf("GET %s answered %d", r.URL.Path, out.Status())
	}
	return nil
}

// swap makes a pair the current one. Requests that are inside the other one are finished there.
func (s *Stack) swap(ctx context.Context, p *pair, plain *plainpage.Pages) {
	p.widen()
	t := *s.throttling.Load()
	if t.limiter == nil || p.throttling.limiter == nil {
		t = p.throttling
	}
	if limits, err := throttleConfig(p.cfg, p.keys); err == nil && t.limiter != nil { // the pages were made of the same
		t.limiter = t.limiter.With(limits)
	}
	if wraps, err := p.keys.auditWraps(); err == nil {
		s.trail.Load().Become(wraps, allTokens(p.cfg))
	}
	s.throttling.Store(&t)
	s.sealStories(p.keys)
	s.plainNow.Store(plain)
	s.leaving.Store(p.face.Load().pages)
	s.metrics.counted.add(p)
	old := s.pair.Swap(p)
	s.memory.Become(longestToken(p.cfg.Tokens))
	close(old.replaced)
	s.metrics.reloads.swaps.Inc()
	s.log.InfoContext(ctx, "the second pair of engines serves")
	s.retiring.Go(func() { s.retire(context.WithoutCancel(ctx), old) })
}

// retire closes a pair once nobody is inside it, or after a while.
func (s *Stack) retire(ctx context.Context, p *pair) {
	began := time.Now()
	p.hydra.DB().SetMaxIdleConns(0)
	p.kratos.DB().SetMaxIdleConns(0)
	late := time.NewTimer(drainIn)
	defer late.Stop()
	select {
	case <-p.inside.close():
	case <-late.C:
		s.log.WarnContext(ctx, "requests of the engines that were replaced are cut off", "count", p.inside.count())
	}
	s.metrics.counted.keep(p)
	err := p.closeEngines()
	if now := s.throttling.Load(); p.throttling.db != nil && p.throttling.db != now.db {
		err = errors.Join(err, p.throttling.close())
	}
	if err != nil {
		s.log.WarnContext(ctx, "closing the engines that were replaced was not clean", "err", err)
	}
	heap.GiveBack()
	s.log.InfoContext(ctx, "the engines that were replaced are closed", "duration", time.Since(began).Round(time.Millisecond).String())
}

// closeSecond closes a pair that never served.
func (s *Stack) closeSecond(p *pair) error {
	err := p.closeEngines()
	if now := s.throttling.Load(); p.throttling.db != nil && p.throttling.db != now.db {
		err = errors.Join(err, p.throttling.close())
	}
	return err
}
