package demo

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/htmltest"
)

// browser is a person's browser at the demo. It follows no redirects: where they lead is what most
// tests ask.
type browser struct {
	t      *testing.T
	client *http.Client
	base   string
}

type answer struct {
	t        *testing.T
	status   int
	header   http.Header
	location string
	body     string
}

// startDemo serves the demo for a provider, with the client it registered there.
func startDemo(t *testing.T, op *fakeOP) (*app, *browser) {
	t.Helper()
	return startDemoWith(t, Config{Issuer: op.URL, AdminURL: op.URL})
}

func startDemoWith(t *testing.T, cfg Config) (*app, *browser) {
	t.Helper()
	var h http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	cfg, err := cfg.complete()
	if err != nil {
		t.Fatal(err)
	}
	a, err := open(t.Context(), cfg, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.rt.(*http.Transport).CloseIdleConnections)
	h = a.handler()
	return a, newBrowser(t, server.URL)
}

func newBrowser(t *testing.T, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, base: base, client: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (b *browser) do(method, path string, form url.Values, change func(*http.Request)) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if change != nil {
		change(req)
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{b.t, res.StatusCode, res.Header, res.Header.Get("Location"), string(body)}
}

func (b *browser) get(path string) answer { b.t.Helper(); return b.do(http.MethodGet, path, nil, nil) }

func (b *browser) post(path string, pairs ...string) answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, form, nil)
}

// begin presses the button and returns the authorization request.
func (b *browser) begin(pairs ...string) url.Values {
	b.t.Helper()
	a := b.post("/sign-in", pairs...)
	to, err := url.Parse(a.location)
	if err != nil || a.status != http.StatusSeeOther {
		b.t.Fatalf("got %d to %q, want a redirect to the provider: %s", a.status, a.location, a.body)
	}
	return to.Query()
}

// come is the provider's answer arriving at the demo.
func (b *browser) come(pairs ...string) answer {
	b.t.Helper()
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return b.get(pathCallback + "?" + q.Encode())
}

// signIn is the whole way to the tokens.
func (b *browser) signIn(op *fakeOP) {
	b.t.Helper()
	request := b.begin("scope", "email", "scope", "offline_access")
	a := b.come("code", op.authorize(request), "state", request.Get("state"))
	if a.status != http.StatusSeeOther || a.location != pathTokens {
		b.t.Fatalf("got %d to %q, want to be signed in: %s", a.status, a.location, a.body)
	}
}

func (b *browser) tokens() *htmltest.Page {
	b.t.Helper()
	a := b.get(pathTokens)
	a.want(http.StatusOK)
	return a.page()
}

func (a answer) want(status int) {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("got status %d to %q, want %d: %s", a.status, a.location, status, a.body)
	}
}

func (a answer) page() *htmltest.Page { a.t.Helper(); return htmltest.ParseString(a.t, a.body) }

func (a answer) heading(want string) {
	a.t.Helper()
	if got := a.page().Text("h1"); got != want {
		a.t.Errorf("got heading %q, want %q", got, want)
	}
}
