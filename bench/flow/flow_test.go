package flow_test

import (
	"strings"
	"testing"

	"example.com/identityd/bench/flow"
	"example.com/identityd/bench/side"
)

func app(f *fake) *flow.Application {
	return &flow.Application{Wire: f.wire, At: f.at, Client: side.Client{ID: "public", RedirectURI: callback}, Scope: "openid"}
}

func TestTheWholeWayOfASignIn(t *testing.T) {
	f := newFake(t)
	got, err := app(f).Code(flow.NewBrowser(f.wire), "ada@example.com", "right")
	if err != nil {
		t.Fatal(err)
	}
	if who, err := app(f).Userinfo(got.Access); err != nil || who != "ada" {
		t.Errorf("got %q (%v), want ada", who, err)
	}
}

func TestWhoIsSignedInIsNotAsked(t *testing.T) {
	f := newFake(t)
	first := flow.NewBrowser(f.wire)
	if err := first.SignIn(f.at, "ada@example.com", "right"); err != nil {
		t.Fatal(err)
	}
	b, err := first.Copy(f.at.Kratos)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app(f).Code(b, "", ""); err != nil {
		t.Error(err)
	}
	if _, err := app(f).Code(flow.NewBrowser(f.wire), "", ""); err == nil {
		t.Error("got tokens for a browser without a session, want an error")
	}
}

func TestEveryWrongAnswerIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(f *fake, b *flow.Browser) error
		want string
	}{
		"a login that is refused by a redirect": {
			func(f *fake, b *flow.Browser) error { return b.SignIn(f.at, "ada@example.com", "wrong") }, "no session",
		},
		"a registration that is refused by a redirect": {
			func(f *fake, b *flow.Browser) error {
				f.refuses = true
				return b.Register(f.at, "ada@example.com", "right")
			}, "no session",
		},
		"redirects without an end": {
			func(f *fake, b *flow.Browser) error { f.loops = true; return b.Start(f.at) }, "redirects do not end",
		},
		"a code flow with a wrong password": {
			func(f *fake, b *flow.Browser) error {
				_, err := app(f).Code(b, "ada@example.com", "wrong")
				return err
			}, "no form with grant_scope",
		},
		"a token of somebody else": {
			func(f *fake, _ *flow.Browser) error {
				_, err := app(f).Userinfo("other")
				return err
			}, "refused",
		},
		"a page that is not there": {
			func(f *fake, b *flow.Browser) error { return b.Open(f.at.UI + "/nothing") }, "answered 404",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			err := c.do(f, flow.NewBrowser(f.wire))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "flow=") {
				t.Errorf("got %v, want nothing of a query in it", err)
			}
		})
	}
}
