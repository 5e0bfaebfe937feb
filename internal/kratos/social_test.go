package kratos

import (
	"context"
	"strings"
	"testing"

	"github.com/ory/x/sqlxx"
)

func TestAFlowTakesTheChallengeOverFromTheOneThatWasBegun(t *testing.T) {
	const callback = "https://id.example.com/self-service/methods/oidc/callback/work?code=abc&state=def&return_to=x"
	carrying := context.WithValue(t.Context(), challengeKey{}, "theirs")
	for _, tt := range []struct {
		name               string
		ctx                context.Context
		own                sqlxx.NullString
		challenge, request string
	}{
		{"elsewhere nothing changes", t.Context(), "", "", callback},
		{"it has none", carrying, "", "theirs", "https://id.example.com/self-service/methods/oidc/callback/work?login_challenge=theirs&return_to=x"},
		{"it has its own", carrying, "own", "own", "https://id.example.com/self-service/methods/oidc/callback/work?login_challenge=own&return_to=x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			challenge, request := adopt(tt.ctx, tt.own, callback)
			if string(challenge) != tt.challenge || request != tt.request {
				t.Errorf("got %q and %q, want %q and %q", challenge, request, tt.challenge, tt.request)
			}
		})
	}
}

func TestANameInAMailIsOneLineAndTurnsNothingAround(t *testing.T) {
	for name, want := range map[string]string{
		"Notes": "Notes", "a\nb\u202ec\u200bd": "abcd", " \t": "", strings.Repeat("ü", 200): strings.Repeat("ü", 80) + "…",
	} {
		if got := oneLine(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
