package declare_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/declare"
)

func TestEveryFieldIsPartOfTheDigest(t *testing.T) {
	list := []string{"x"}
	changes := map[string]func(*declare.Client){
		"Name":                   func(c *declare.Client) { c.Name = "x" },
		"Secret":                 func(c *declare.Client) { c.Secret = "rotated" },
		"RedirectURIs":           func(c *declare.Client) { c.RedirectURIs = list },
		"PostLogoutRedirectURIs": func(c *declare.Client) { c.PostLogoutRedirectURIs = list },
		"Origins":                func(c *declare.Client) { c.Origins = list },
		"GrantTypes":             func(c *declare.Client) { c.GrantTypes = list },
		"ResponseTypes":          func(c *declare.Client) { c.ResponseTypes = list },
		"Scopes":                 func(c *declare.Client) { c.Scopes = list },
		"Audience":               func(c *declare.Client) { c.Audience = list },
		"AuthMethod":             func(c *declare.Client) { c.AuthMethod = "client_secret_post" },
		"JWKSURI":                func(c *declare.Client) { c.JWKSURI = "x" },
		"AccessTokens":           func(c *declare.Client) { c.AccessTokens = "x" },
		"SkipConsent":            func(c *declare.Client) { c.SkipConsent = true },
		"SkipLogoutConsent":      func(c *declare.Client) { c.SkipLogoutConsent = true },
		"FrontchannelLogoutURI":  func(c *declare.Client) { c.FrontchannelLogoutURI = "x" },
		"BackchannelLogoutURI":   func(c *declare.Client) { c.BackchannelLogoutURI = "x" },
		"URI":                    func(c *declare.Client) { c.URI = "x" },
		"LogoURI":                func(c *declare.Client) { c.LogoURI = "x" },
		"PolicyURI":              func(c *declare.Client) { c.PolicyURI = "x" },
		"TermsURI":               func(c *declare.Client) { c.TermsURI = "x" },
		"Contacts":               func(c *declare.Client) { c.Contacts = list },
		"Claims":                 func(c *declare.Client) { c.Claims = list },
	}
	checkFields(t, changes)
	for name, change := range changes {
		t.Run("a change of "+name+" is an update, and says so", func(t *testing.T) {
			w := newWorld()
			w.settled(t, client(app()))
			changed := app()
			change(&changed)
			plan, err := w.reconciler.Plan(t.Context(), []declare.Want{client(changed)}, declare.How{})
			if err != nil || len(plan.Actions) != 1 || len(plan.Actions[0].Changes) != 1 {
				t.Fatalf("got %v, %v", plan, err)
			}
			if calls := w.settled(t, client(changed)); len(calls) != 1 {
				t.Errorf("got %v", calls)
			}
		})
	}
	t.Run("an older key is no update", func(t *testing.T) {
		w := newWorld()
		w.settled(t, client(app()), person(ada()))
		w.reconciler.Keys = [][]byte{key('n'), key('k')}
		if calls := w.settled(t, client(app()), person(ada())); len(calls) > 0 {
			t.Errorf("got %v", calls)
		}
	})
	t.Run("another key is an update, once", func(t *testing.T) {
		w := newWorld()
		w.settled(t, client(app()))
		w.reconciler.Keys = [][]byte{key('o')}
		for _, want := range [][]string{{"update with secret app"}, nil} {
			if diff := cmp.Diff(want, w.settled(t, client(app()))); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func TestApplyStopsWhenItsTimeIsOver(t *testing.T) {
	w := newWorld()
	ctx, cancel := context.WithCancel(t.Context())
	many := public("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l")
	plan, err := w.reconciler.Plan(ctx, many, declare.How{})
	if err != nil {
		t.Fatal(err)
	}
	w.clients.before = func(string, string) error { cancel(); return ctx.Err() }
	if _, err := w.reconciler.Apply(ctx, plan, declare.How{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := len(w.clients.calls); n == len(many) {
		t.Errorf("all %d were tried", n)
	}
}

func TestTheMarkOfMetadata(t *testing.T) {
	mark := declare.Mark{Owner: "stack.yaml", Digest: "d"}
	for in, want := range map[string]string{
		``: `{"identityd":{"owner":"stack.yaml","digest":"d"}}`,
		`{"team":{"n":12345678901234567890},"identityd":5}`: `{"identityd":{"owner":"stack.yaml","digest":"d"},"team":{"n":12345678901234567890}}`,
	} {
		got, err := declare.Marked(json.RawMessage(in), mark)
		if err != nil || string(got) != want || declare.MarkOf(got) != mark {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	for in, want := range map[string]string{
		``: "", `null`: "", `[{"identityd":{"owner":"stack.yaml"}}]`: "", `{"identityd":"stack.yaml"}`: "", `{"team":"x"}`: "",
		`{"identityd":{"owner":"console","digest":"x"}}`: "console",
	} {
		if got := declare.Owner(json.RawMessage(in)); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}
