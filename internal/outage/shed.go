package outage

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"example.com/identityd/internal/middleware"
)

// A burst waits this long for its turn, and so many may wait for each that is inside.
const (
	longestWait = time.Second
	waitingEach = 16
)

// Shedder bounds how many requests are inside a handler at once, lets others wait for a moment, and
// refuses the rest with 503. Behind a slow database requests would pile up until all of them miss
// their deadline.
//
// A quarter of the places is for urgent requests alone, which are those that are shed last: they wait for each
// other, and not behind everybody.
type Shedder struct {
	all, common door
	shed        atomic.Uint64
	urgent      func(*http.Request) bool
}

// door is a number of places, and those who wait for one.
type door struct {
	slots   chan struct{}
	waiting atomic.Int64
}

// NewShedder returns a Shedder that lets limit requests in, which is at least 1. nil means that no request
// is urgent, and keeps no place.
func NewShedder(limit int, urgent func(*http.Request) bool) *Shedder {
	s := &Shedder{urgent: urgent}
	s.all.slots = make(chan struct{}, limit)
	s.common.slots = make(chan struct{}, limit-min(max(limit/4, 1), limit-1))
	return s
}

// Inside returns how many requests are being served.
func (s *Shedder) Inside() int { return len(s.all.slots) }

// Shed returns how many requests were refused.
func (s *Shedder) Shed() uint64 { return s.shed.Load() }

// Middleware puts the bound in front of next. Requests that exempt recognizes need no database and
// are neither counted nor refused; nil exempts none. It belongs behind Middleware, which holds
// answers back, and behind a limit of bodies: those are read before a place is taken, so that no
// slow client keeps one.
func (s *Shedder) Middleware(shape Shape, exempt func(*http.Request) bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if exempt != nil && exempt(r) {
			next.ServeHTTP(w, r)
			return
		}
		r, err := readAhead(r)
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			middleware.TooLarge(w, r, tooLarge.Limit)
			return
		}
		leave, ok := s.enter(r)
		if !ok {
			s.shed.Add(1)
			shape.refuse(w, r, nil)
			return
		}
		defer leave()
		next.ServeHTTP(w, r)
	})
}

// enter waits for a place, and returns what gives it back.
func (s *Shedder) enter(r *http.Request) (leave func(), ok bool) {
	var timer *time.Timer
	defer func() {
		if timer != nil {
			timer.Stop()
		}
	}()
	// One wait for both doors, begun by the first at which there is one.
	late := func() <-chan time.Time {
		if timer == nil {
			timer = time.NewTimer(longestWait)
		}
		return timer.C
	}
	common := s.urgent != nil && !s.urgent(r)
	if common && !s.common.enter(r, late) {
		return nil, false
	}
	if !s.all.enter(r, late) {
		if common {
			<-s.common.slots
		}
		return nil, false
	}
	return func() {
		<-s.all.slots
		if common {
			<-s.common.slots
		}
	}, true
}

func (d *door) enter(r *http.Request, late func() <-chan time.Time) bool {
	select {
	case d.slots <- struct{}{}:
		return true
	default:
	}
	defer d.waiting.Add(-1)
	if d.waiting.Add(1) > int64(waitingEach*cap(d.slots)) {
		return false
	}
	select {
	case d.slots <- struct{}{}:
		return true
	case <-late():
	case <-r.Context().Done():
	}
	return false
}

// readAhead reads the body. The handler meets the error of reading it, if there was one, as it would
// have.
func readAhead(r *http.Request) (*http.Request, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return r, nil
	}
	raw, err := io.ReadAll(r.Body)
	ahead := r.WithContext(r.Context())
	ahead.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(raw), failing{err}), r.Body}
	return ahead, err
}

// failing is the end of a body.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}
