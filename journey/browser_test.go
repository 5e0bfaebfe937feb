package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seenRequest is what the server saw of one request.
type seenRequest struct{ Line, Body, Origin, Site, Cookie string }

func startRecorder(t *testing.T, routes map[string]string) (string, func() []seenRequest) {
	t.Helper()
	var seen []seenRequest
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		cookie := ""
		if c, err := r.Cookie("c"); err == nil {
			cookie = c.Value
		}
		seen = append(seen, seenRequest{
			r.Method + " " + r.URL.Path, r.PostForm.Encode(), r.Header.Get("Origin"),
			r.Header.Get("Sec-Fetch-Site"), cookie,
		})
		http.SetCookie(w, &http.Cookie{Name: "c", Value: "1", Path: "/"})
		if to, ok := routes[r.URL.Path]; ok {
			status := http.StatusSeeOther
			if strings.HasPrefix(to, "307 ") {
				to, status = strings.TrimPrefix(to, "307 "), http.StatusTemporaryRedirect
			}
			w.Header().Set("Location", to)
			w.WriteHeader(status)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<form method=post action=/post><input name=a value=1><button>Go</button></form>`))
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []seenRequest { return seen }
}

func testBrowser(t *testing.T, base string) *browser {
	t.Helper()
	d, err := newDialer(base)
	if err != nil {
		t.Fatal(err)
	}
	b, err := newBrowser(d.transport(), "http://app.invalid/callback")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBrowserFollowsRedirectsAndStopsAtTheApplication(t *testing.T) {
	base, seen := startRecorder(t, map[string]string{
		"/post": "307 /again", "/again": "/third", "/third": "http://app.invalid/callback?code=1",
	})
	b := testBrowser(t, base)
	at, err := b.open(t.Context(), "http://app.invalid/", base+"/page")
	if err != nil {
		t.Fatal(err)
	}
	f, err := at.page.form("a")
	if err != nil {
		t.Fatal(err)
	}
	with, err := f.press()
	if err != nil {
		t.Fatal(err)
	}
	if at, err = b.submit(t.Context(), at.page, f, with); err != nil {
		t.Fatal(err)
	}
	want := []seenRequest{
		{"GET /page", "", "", siteCross, ""},
		{"POST /post", "a=1", base, siteSameOrigin, "1"},
		{"POST /again", "a=1", base, siteSameOrigin, "1"},
		{"GET /third", "", "", siteSameOrigin, "1"},
	}
	if diff := cmp.Diff(want, seen()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	back, err := at.wantCallback()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := back.Query().Get("code"), "1"; got != want {
		t.Errorf("got code %q, want %q", got, want)
	}
}

func TestBrowserGivesUp(t *testing.T) {
	base, _ := startRecorder(t, map[string]string{
		"/loop": "/loop", "/away": "http://away.invalid/?token=secret", "/empty": "",
	})
	for path, want := range map[string]string{
		"/loop": "more than 20 redirects", "/away": "not an address of the product",
		"/empty": "without a Location",
	} {
		t.Run("at "+path, func(t *testing.T) {
			_, err := testBrowser(t, base).open(t.Context(), "http://app.invalid/", base+path)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Fatalf("got error %v, want it to mention %q", err, want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows a query: %v", err)
			}
		})
	}
}

func TestAuthorizationRequestCarriesTheChallengeOfItsVerifier(t *testing.T) {
	app := newApplication(nil, addresses{}, nil, 1, &redactor{})
	first, second := app.authorize("openid", "prompt", "none"), app.authorize("openid")
	u, err := url.Parse(first.address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	want := []string{"S256", s256(first.verifier), first.state, first.nonce, "none", "openid"}
	got := []string{
		q.Get("code_challenge_method"), q.Get("code_challenge"), q.Get("state"), q.Get("nonce"),
		q.Get("prompt"), q.Get("scope"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if first.verifier == second.verifier || first.state == second.state || first.nonce == second.nonce {
		t.Error("two attempts share a verifier, state or nonce")
	}
	// The example of RFC 7636, appendix B, holds the helper of this test to the standard.
	if got, want := s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
		"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"; got != want {
		t.Errorf("got challenge %s, want %s", got, want)
	}
}
