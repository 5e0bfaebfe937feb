package ui

import (
	"testing"
	"time"

	"example.com/identityd/internal/identity"
)

// TestASignInOfTheFutureProvesNothing is about sign-ins that were written down before the clock was set back.
func TestASignInOfTheFutureProvesNothing(t *testing.T) {
	u := &UI{cfg: Config{AccountRules: AccountRules{Privileged: 15 * time.Minute}}}
	asked := time.Now()
	for _, test := range []struct {
		name            string
		ahead           time.Duration
		fresh           bool
		login, any, age bool // what prompt=login, nothing, and max_age=1d make of it
	}{
		{"an hour ago", -time.Hour, false, false, true, true},
		{"just now", 0, true, true, true, true},
		{"half a minute ahead, by the clock of another process", 30 * time.Second, true, true, true, true},
		{"an hour ahead", time.Hour, false, false, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &identity.Session{AuthenticatedAt: asked.Add(test.ahead)}
			got := []bool{
				u.fresh(s), demands{Login: true, MaxAge: -1}.recent(s, asked), demands{MaxAge: -1}.recent(s, asked),
				demands{MaxAge: 24 * time.Hour}.recent(s, asked),
			}
			for i, want := range []bool{test.fresh, test.login, test.any, test.age} {
				if got[i] != want {
					t.Errorf("got %t, want fresh %t, prompt=login %t, nothing asked %t, max_age %t", got, test.fresh, test.login, test.any, test.age)
					break
				}
			}
		})
	}
}
