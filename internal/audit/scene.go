package audit

import (
	"context"
	"sync"
)

// Scene is the request in which something happens. What the engines say during a request waits in it until
// the request is over: only then is known what became of it.
type Scene struct {
	// Request is the id of the request.
	Request string
	// Address and Agent are from where it came.
	Address, Agent string

	mu       sync.Mutex
	actor    string
	identity string
	seen     []Event
	late     bool
}

type sceneKey struct{}

// WithScene returns a context of the scene.
func WithScene(ctx context.Context, s *Scene) context.Context {
	return context.WithValue(ctx, sceneKey{}, s)
}

// SceneOf returns the scene that ctx is in, or nil.
func SceneOf(ctx context.Context) *Scene {
	s, _ := ctx.Value(sceneKey{}).(*Scene)
	return s
}

// SetActor says who asks. What happens in this request is their doing.
func (s *Scene) SetActor(actor string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.actor = actor
}

// Actor returns who asks, if that is known.
func (s *Scene) Actor() string {
	if s == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.actor
}

// Identify notes whose account the request is about, where that is known before it is known whether it is
// theirs: a sign-in with a wrong password tells of nobody.
func (s *Scene) Identify(identity string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identity = identity
}

// hold keeps an event until the request is over. It reports false when it is over already.
func (s *Scene) hold(e Event) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.late {
		return false
	}
	s.seen = append(s.seen, e)
	return true
}

// end returns what was held, and holds nothing from now on.
func (s *Scene) end() (held []Event, identity string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held, s.seen, s.late = s.seen, nil, true
	return held, s.identity
}
