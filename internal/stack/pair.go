package stack

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	"example.com/identityd/internal/claims"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/locale"
	"example.com/identityd/internal/mails"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/signout"
	"example.com/identityd/internal/ui"
)

// settings are a configuration and what is made of it alone, before any engine.
type settings struct {
	cfg    config.Config
	keys   keys
	claims *claims.Mapper
	texts  *locale.Texts
}

// first are the settings of the start. What changed since is in those of the pair.
func (s *Stack) first() settings {
	return settings{cfg: s.cfg, keys: s.keys, claims: s.claims, texts: s.texts}
}

// pair is both engines, and what is built over them from one configuration. A process serves with one. A reload
// makes another, swaps, and closes the first one when nobody is inside it any longer
// (docs/adr/0062-reload-by-a-second-pair.md).
type pair struct {
	settings
	engines
	mails *mails.Mails
	// handlers are what gates and transports lead to, by their listener.
	handlers map[string]http.Handler
	// face are the pages, which may change without the engines.
	face atomic.Pointer[face]
	// inside are requests, and whatever else uses the engines.
	inside *inside
	// replaced is closed once another pair is the current one.
	replaced chan struct{}
	// widen gives the pools of a second pair their size, once it serves.
	widen func()
	// end ends what the engines keep for as long as they live.
	end context.CancelFunc
}

// face is what people see.
type face struct {
	pages   *ui.UI
	handler http.Handler
}

// current is the pair that serves, nil before the engines have started. It may be closed at any time: whoever
// asks the engines enters, or uses with.
func (s *Stack) current() *pair { return s.pair.Load() }

// enter returns the pair of now, which stays open until leave, and nil before there is one.
func (s *Stack) enter() *pair {
	for {
		p := s.pair.Load()
		if p == nil || p.inside.enter() {
			return p
		}
		// It was replaced in this moment, and the next one is there already.
	}
}

func (p *pair) leave() { p.inside.leave() }

// with runs f on the pair of now, which stays open until it returns.
func (s *Stack) with(f func(*pair) error) error {
	p := s.enter()
	if p == nil {
		return ory.ErrNotServing
	}
	defer p.leave()
	return f(p)
}

// through leads each request to the pair that is the current one when it comes.
func (s *Stack) through(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := s.enter()
		defer p.leave()
		p.handlers[name].ServeHTTP(w, r)
	})
}

// follow runs f with the pair of now, and again with each that takes its place, until ctx ends. The context of f
// ends when it has to let go.
func (s *Stack) follow(ctx context.Context, f func(context.Context, *pair) error) error {
	for ctx.Err() == nil {
		p := s.enter()
		if p == nil {
			return ory.ErrNotServing
		}
		if err := s.whileCurrent(ctx, p, f); err != nil {
			return err
		}
		select {
		case <-p.replaced:
		case <-ctx.Done():
		}
	}
	return nil
}

func (s *Stack) whileCurrent(ctx context.Context, p *pair, f func(context.Context, *pair) error) error {
	defer p.leave()
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := s.aside(inner, func(ctx context.Context) {
		select {
		case <-p.replaced:
			cancel(kratos.ErrReplaced)
		case <-ctx.Done():
		}
	})
	defer stop()
	return f(inner, p)
}

// following is what the queues ask of the engines, whichever they are at the moment.
type following struct{ *Stack }

var (
	_ signout.Hydra  = following{}
	_ signout.Kratos = following{}
)

// Logins implements signout.Hydra.
func (f following) Logins(ctx context.Context, of signout.Session) (out []signout.Login, err error) {
	err = f.with(func(p *pair) (err error) { out, err = p.hydra.Logins(ctx, of); return err })
	return out, err
}

// EndLogin implements signout.Hydra.
func (f following) EndLogin(ctx context.Context, subject, id string) (frames []string, err error) {
	err = f.with(func(p *pair) (err error) { frames, err = p.hydra.EndLogin(ctx, subject, id); return err })
	return frames, err
}

// Tell implements signout.Hydra.
func (f following) Tell(ctx context.Context, m signout.Message) (told bool, err error) {
	err = f.with(func(p *pair) (err error) { told, err = p.hydra.Tell(ctx, m); return err })
	return told, err
}

// Alive implements signout.Kratos.
func (f following) Alive(ctx context.Context, subject string, ids []string) (out map[string]bool, err error) {
	err = f.with(func(p *pair) (err error) { out, err = p.kratos.Alive(ctx, subject, ids); return err })
	return out, err
}

// revoke ends the tokens of a family.
func (f following) revoke(ctx context.Context, family string) error {
	return f.with(func(p *pair) error { return p.hydra.Revoke(ctx, family) })
}

// closeEngines closes what a pair has of its own.
func (p *pair) closeEngines() error {
	defer p.end()
	var err error
	if p.hydra != nil {
		err = p.hydra.Close()
	}
	if p.kratos != nil {
		err = errors.Join(err, p.kratos.Close())
	}
	return err
}
