package declare_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/declare"
)

func TestApply(t *testing.T) {
	t.Run("a client that is missing is created with the mark", func(t *testing.T) {
		f := newFake()
		if diff := cmp.Diff([]string{"get app", "create app"}, apply(t, f, app())); diff != "" {
			t.Error(diff)
		}
		want := `{"identityd":{"owner":"stack.yaml","digest":"<digest>"}}`
		if diff := cmp.Diff(want, withoutDigests(f.held["app"])); diff != "" {
			t.Error(diff)
		}
		if f.secret["app"] != "the-secret" {
			t.Errorf("the secret sent is %q", f.secret["app"])
		}
	})
	t.Run("an unchanged client costs one read, in whatever order its lists are", func(t *testing.T) {
		f := newFake()
		apply(t, f, app())
		again := app()
		again.RedirectURIs = []string{"https://b.example/cb", "https://a.example/cb"}
		again.Contacts = []string{}
		if diff := cmp.Diff([]string{"get app"}, apply(t, f, again)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"https://b.example/cb", "https://a.example/cb"}, again.RedirectURIs); diff != "" {
			t.Errorf("the caller's list was sorted: %s", diff)
		}
	})
	t.Run("an update keeps what others wrote into the metadata", func(t *testing.T) {
		f := newFake()
		apply(t, f, app())
		f.held["app"] = json.RawMessage(`{"team":{"n":12345678901234567890},` + string(f.held["app"][1:]))
		changed := app()
		changed.Name = "Another"
		if diff := cmp.Diff([]string{"get app", "update app"}, apply(t, f, changed)); diff != "" {
			t.Error(diff)
		}
		want := `{"identityd":{"owner":"stack.yaml","digest":"<digest>"},"team":{"n":12345678901234567890}}`
		if diff := cmp.Diff(want, withoutDigests(f.held["app"])); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"get app"}, apply(t, f, changed)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("what is not declared is not asked for", func(t *testing.T) {
		f := newFake()
		if calls := apply(t, f); calls != nil {
			t.Errorf("got %v", calls)
		}
	})
}

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
	}
	checkFields(t, changes)
	for name, change := range changes {
		t.Run("a change of "+name+" is an update", func(t *testing.T) {
			f := newFake()
			apply(t, f, app())
			changed := app()
			change(&changed)
			if diff := cmp.Diff([]string{"get app", "update app"}, apply(t, f, changed)); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("an older key is no update", func(t *testing.T) {
		f := newFake()
		apply(t, f, app())
		f.calls = nil
		if err := declare.Apply(t.Context(), quiet(), f, []declare.Client{app()}, bytes.Repeat([]byte("n"), 32), key()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"get app"}, f.calls); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("another key is an update, once", func(t *testing.T) {
		f := newFake()
		apply(t, f, app())
		other := bytes.Repeat([]byte("o"), 32)
		for _, want := range [][]string{{"get app", "update app"}, {"get app"}} {
			f.calls = nil
			if err := declare.Apply(t.Context(), quiet(), f, []declare.Client{app()}, other); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, f.calls); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func TestApplyLeavesOthersAlone(t *testing.T) {
	const cure = "; give the client in the file another id, or delete the existing one"
	const unmarked = `OAuth2 client "app": it exists already and was not made by this file, so it is left as it is` + cure
	tests := map[string]struct{ metadata, want string }{
		"no metadata":           {``, unmarked},
		"metadata without mark": {`{"team":"x"}`, unmarked},
		"null":                  {`null`, unmarked},
		"a list":                {`[{"identityd":{"owner":"stack.yaml"}}]`, unmarked},
		"a mark of another shape": {
			`{"identityd":"stack.yaml"}`, unmarked,
		},
		"somebody else's mark": {
			`{"identityd":{"owner":"console","digest":"x"}}`,
			`OAuth2 client "app": it exists already and belongs to "console", so it is left as it is` + cure,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.held["app"] = json.RawMessage(tt.metadata)
			err := declare.Apply(t.Context(), quiet(), f, []declare.Client{app()}, key())
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if diff := cmp.Diff([]string{"get app"}, f.calls); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestApplyJoinsFailuresAndGoesOn(t *testing.T) {
	f := newFake()
	f.held["foreign"] = json.RawMessage(`{}`)
	f.create = func(c declare.Client, metadata json.RawMessage) error {
		if c.ID == "refused" {
			return errors.New("hydra answered 400: no")
		}
		f.held[c.ID] = metadata
		return nil
	}
	err := declare.Apply(t.Context(), quiet(), f, []declare.Client{
		{ID: "foreign", AuthMethod: "none"}, {ID: "refused", AuthMethod: "none"}, {ID: "fine", AuthMethod: "none"},
	}, key())
	want := `OAuth2 client "foreign": it exists already and was not made by this file, so it is left as it is; ` +
		"give the client in the file another id, or delete the existing one\n" +
		`OAuth2 client "refused": creating: hydra answered 400: no`
	if got := fmt.Sprint(err); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if _, ok := f.held["fine"]; !ok {
		t.Error("the client after the failures was not created")
	}
}

func TestApplyStopsWhenItsTimeIsOver(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := newFake()
	f.get = func(string) (*declare.Registered, error) {
		cancel()
		return nil, ctx.Err()
	}
	err := declare.Apply(ctx, quiet(), f, []declare.Client{app(), {ID: "next", AuthMethod: "none"}}, key())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"get app"}, f.calls); diff != "" {
		t.Error(diff)
	}
}

func TestApplyLogsOneLineForEachChange(t *testing.T) {
	var lines bytes.Buffer
	f := newFake()
	changed := app()
	changed.Secret = "another-secret"
	for _, c := range []declare.Client{app(), app(), changed} {
		if err := declare.Apply(t.Context(), logger(&lines), f, []declare.Client{c}, key()); err != nil {
			t.Fatal(err)
		}
	}
	want := "level=INFO msg=\"oauth2 client created\" client_id=app\n" +
		"level=INFO msg=\"oauth2 client updated\" client_id=app\n"
	if diff := cmp.Diff(want, lines.String()); diff != "" {
		t.Error(diff)
	}
}
