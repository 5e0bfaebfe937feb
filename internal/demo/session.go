package demo

import (
	"crypto/rand"
	"net/http"
	"sync"
	"time"
)

const cookieName = "identityd_demo"

// Bounds of what is kept in memory. A person has one session and, with several tabs, a few attempts.
const (
	maxSessions = 256
	sessionTime = time.Hour
	maxAttempts = 8
	attemptTime = 15 * time.Minute
)

// attempt is one authorization request and what must be remembered of it until the answer.
type attempt struct {
	state, nonce, verifier string
	scopes                 []string
	request                exchange
	made                   time.Time
}

// session is what one browser has here. Whoever holds mu may read and change the rest.
type session struct {
	mu       sync.Mutex
	attempts []attempt
	signedIn *signedIn
	// logout is the last logout request, until it is answered.
	logout logoutAttempt

	// These belong to sessions.
	id   string
	seen time.Time
}

// take returns the attempt of a state and forgets it, so that an answer counts once.
func (s *session) take(state string, now time.Time) (attempt, bool) {
	for i, t := range s.attempts {
		if state != "" && t.state == state {
			s.attempts = append(s.attempts[:i:i], s.attempts[i+1:]...)
			return t, now.Sub(t.made) < attemptTime
		}
	}
	return attempt{}, false
}

// add remembers an attempt, and forgets the oldest when there are too many.
func (s *session) add(t attempt) {
	if len(s.attempts) >= maxAttempts {
		s.attempts = s.attempts[len(s.attempts)-maxAttempts+1:]
	}
	s.attempts = append(s.attempts, t)
}

// sessions are all of them, by the value of their cookie.
type sessions struct {
	now func() time.Time

	mu   sync.Mutex
	byID map[string]*session
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, byID: map[string]*session{}}
}

// of returns the session of a request, or nil.
func (s *sessions) of(r *http.Request) *session {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.byID[cookie.Value]
	if found == nil {
		return nil
	}
	if s.now().Sub(found.seen) > sessionTime {
		delete(s.byID, found.id)
		return nil
	}
	found.seen = s.now()
	return found
}

// start makes a session and sends its cookie.
func (s *sessions) start(w http.ResponseWriter) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.makeRoom()
	made := &session{id: rand.Text(), seen: s.now()}
	s.byID[made.id] = made
	setCookie(w, made.id)
	return made
}

// rename gives a session another id: who planted the old one in a browser must not share what the
// sign-in brought.
func (s *sessions) rename(w http.ResponseWriter, of *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, of.id)
	of.id = rand.Text()
	s.byID[of.id] = of
	setCookie(w, of.id)
}

// makeRoom drops what expired, and the one that was not seen for longest when that is not enough.
func (s *sessions) makeRoom() {
	var oldest *session
	for id, one := range s.byID {
		if s.now().Sub(one.seen) > sessionTime {
			delete(s.byID, id)
			continue
		}
		if oldest == nil || one.seen.Before(oldest.seen) {
			oldest = one
		}
	}
	if len(s.byID) >= maxSessions {
		delete(s.byID, oldest.id)
	}
}

// setCookie sends a cookie that the answer of a provider on another site brings along: Lax, not
// Strict. It is not Secure because the demo is plain http on this machine.
func setCookie(w http.ResponseWriter, value string) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
