package demo

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

// with is a request that brings a session's cookie.
func with(s *session) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: cookieName, Value: s.id})
	return r
}

func TestSessionsAreBoundedAndExpire(t *testing.T) {
	now := time.Now()
	all := newSessions(func() time.Time { return now })
	start := func() *session { return all.start(httptest.NewRecorder()) }
	first := start()
	now = now.Add(time.Second)
	second := start()
	now = now.Add(time.Second)
	for range maxSessions - 2 {
		start()
	}
	if all.of(with(first)) != first {
		t.Error("got the first session dropped, want it there while there is room")
	}
	now = now.Add(time.Second)
	all.of(with(first))
	start()
	if got := len(all.byID); got != maxSessions {
		t.Errorf("got %d sessions, want %d", got, maxSessions)
	}
	if all.of(with(first)) == nil || all.of(with(second)) != nil {
		t.Error("want the one dropped that was not seen for longest")
	}
	now = now.Add(sessionTime + time.Second)
	if all.of(with(first)) != nil {
		t.Error("got an expired session")
	}
	start()
	if got := len(all.byID); got != 1 {
		t.Errorf("got %d sessions after all expired, want the new one alone", got)
	}
}

func TestAttemptsAreBoundedAndTakenOnce(t *testing.T) {
	now := time.Now()
	s := &session{}
	for i := range maxAttempts + 3 {
		s.add(attempt{state: strconv.Itoa(i), made: now})
	}
	if got := len(s.attempts); got != maxAttempts {
		t.Errorf("got %d attempts, want %d", got, maxAttempts)
	}
	if _, ok := s.take("0", now); ok {
		t.Error("got the oldest attempt, want it forgotten")
	}
	if got, ok := s.take("5", now); !ok || got.state != "5" {
		t.Errorf("got %q %v, want attempt 5", got.state, ok)
	}
	if _, ok := s.take("5", now); ok {
		t.Error("got an attempt twice")
	}
	if _, ok := (&session{attempts: []attempt{{}}}).take("", now); ok {
		t.Error("got an attempt for no state at all")
	}
}
