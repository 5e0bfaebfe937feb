package demo

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/htmltest"
)

func TestTheAuthorizationRequestIsProtectedAndAsksForWhatWasChosen(t *testing.T) {
	op := newFakeOP(t)
	_, b := startDemo(t, op)
	first := b.begin("scope", "email", "scope", "made-up", "prompt", "login")
	second := b.begin("prompt", "sideways")
	got := url.Values{}
	for _, key := range []string{"client_id", "response_type", "scope", "prompt", "code_challenge_method", "redirect_uri"} {
		got.Set(key, first.Get(key))
	}
	want := url.Values{
		"client_id": {ownClientID}, "response_type": {"code"}, "scope": {"openid email"}, "prompt": {"login"},
		"code_challenge_method": {"S256"}, "redirect_uri": {b.base + pathCallback},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, key := range []string{"state", "nonce", "code_challenge"} {
		if len(first.Get(key)) < 20 || first.Get(key) == second.Get(key) {
			t.Errorf("%s: got %q and %q, want long ones that differ", key, first.Get(key), second.Get(key))
		}
	}
	if second.Has("prompt") || second.Get("scope") != "openid" {
		t.Errorf("got prompt %q and scope %q, want no prompt and openid alone", second.Get("prompt"), second.Get("scope"))
	}
}

func TestASignInShowsItsTokensAndTheirRequests(t *testing.T) {
	op := newFakeOP(t)
	a, b := startDemo(t, op)
	b.signIn(op)
	page := b.tokens()
	var checks []string
	for _, n := range page.All("#id-token .checks li") {
		checks = append(checks, strings.Join(strings.Fields(htmltest.Text(n))[:3], " "))
	}
	want := []string{
		"Signature passed ES256,", "Issuer passed iss", "Audience passed aud", "Expiry passed exp",
		"Nonce passed nonce", "Access token passed",
	}
	if diff := cmp.Diff(want, checks); diff != "" {
		t.Error(diff)
	}
	for selector, want := range map[string]string{
		"#claims": `"sub": "person-1"`, "#sign-in": "grant_type=authorization_code",
		"#access-token": "at-1", "#refresh": "rt-1", "#userinfo .reply": "ada@example.org",
		"#userinfo .request": "Authorization: Bearer at-1", "#introspection .reply": `"active": true`,
		"#introspection .curl": "--data-urlencode 'token=at-1'", "h1 + .lead": "ada@example.org",
	} {
		if got := page.Text(selector); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q in it", selector, got, want)
		}
	}
	for _, path := range []string{"/", pathTokens} {
		if body := b.get(path).body; strings.Contains(body, a.client.secret) {
			t.Errorf("%s shows the client's secret", path)
		}
	}
	if got := page.Text("#sign-in"); !strings.Contains(got, "Authorization: Basic ***") ||
		!strings.Contains(got, `-u 'identityd-demo:'"$CLIENT_SECRET"`) {
		t.Errorf("got %q, want the credentials masked", got)
	}
}

func TestAnAnswerIsRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(q url.Values)
		status int
		title  string
	}{
		"with another state": {
			func(q url.Values) { q.Set("state", "forged") }, 400, "This answer belongs to no sign-in here",
		},
		"without a state": {
			func(q url.Values) { q.Del("state") }, 400, "This answer belongs to no sign-in here",
		},
		"that names another issuer": {
			func(q url.Values) { q.Set("iss", "https://evil.example") }, 400, "Another provider answered",
		},
		"without code and error": {
			func(q url.Values) { q.Del("code") }, 400, "The answer is empty",
		},
		"whose code the provider does not know": {
			func(q url.Values) { q.Set("code", "forged") }, 502, "The provider did not take the code",
		},
	} {
		t.Run(name, func(t *testing.T) {
			op := newFakeOP(t)
			_, b := startDemo(t, op)
			request := b.begin()
			q := url.Values{"code": {op.authorize(request)}, "state": {request.Get("state")}, "iss": {op.URL}}
			tt.change(q)
			a := b.get(pathCallback + "?" + q.Encode())
			a.want(tt.status)
			a.heading(tt.title)
			if got := b.get(pathTokens).location; got != "/" {
				t.Errorf("tokens: got a redirect to %q, want / because nobody is signed in", got)
			}
		})
	}
}

func TestAnAnswerCountsOnce(t *testing.T) {
	op := newFakeOP(t)
	_, b := startDemo(t, op)
	request := b.begin()
	code := op.authorize(request)
	b.come("code", code, "state", request.Get("state")).want(http.StatusSeeOther)
	a := b.come("code", code, "state", request.Get("state"))
	a.want(http.StatusBadRequest)
	a.heading("This answer belongs to no sign-in here")
	if got := op.asking("POST", "/token"); got != 1 {
		t.Errorf("got %d token requests, want 1", got)
	}
	b.tokens()
}

func TestAnAnswerCountsOnlyInTheBrowserThatAsked(t *testing.T) {
	op := newFakeOP(t)
	_, b := startDemo(t, op)
	request := b.begin()
	for name, other := range map[string]*browser{"fresh": newBrowser(t, b.base), "with a sign-in of its own": newBrowser(t, b.base)} {
		if name != "fresh" {
			other.begin()
		}
		a := other.come("code", op.authorize(request), "state", request.Get("state"))
		a.want(http.StatusBadRequest)
	}
	if got := op.asking("POST", "/token"); got != 0 {
		t.Errorf("got %d token requests, want none", got)
	}
}

func TestAnAnswerThatComesTooLateIsRefused(t *testing.T) {
	op := newFakeOP(t)
	a, b := startDemo(t, op)
	start := time.Now()
	request := b.begin()
	a.now = func() time.Time { return start.Add(attemptTime + time.Minute) }
	late := b.come("code", op.authorize(request), "state", request.Get("state"))
	late.want(http.StatusBadRequest)
	late.heading("That took too long")
}

func TestAnIDTokenIsRefused(t *testing.T) {
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set := func(name string, value any) func(*fakeOP) {
		return func(op *fakeOP) { op.changeClaims = func(c map[string]any) { c[name] = value } }
	}
	for name, tt := range map[string]struct {
		change func(*fakeOP)
		failed string
	}{
		"with another nonce":        {set("nonce", "of somebody else"), "Nonce"},
		"without a nonce":           {func(op *fakeOP) { op.changeClaims = func(c map[string]any) { delete(c, "nonce") } }, "Nonce"},
		"of another issuer":         {set("iss", "https://evil.example"), "Issuer"},
		"for another client":        {set("aud", []string{"another"}), "Audience"},
		"that has expired":          {set("exp", time.Now().Add(-time.Minute).Unix()), "Expiry"},
		"of another access token":   {set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), "Access token"},
		"that somebody else signed": {func(op *fakeOP) { op.signWith = stranger }, "Signature"},
		"that is none":              {func(op *fakeOP) { op.changeToken = func(c map[string]any) { delete(c, "id_token") } }, "Signature"},
		"that is no JWT":            {func(op *fakeOP) { op.changeToken = func(c map[string]any) { c["id_token"] = "a.b.c" } }, "Signature"},
		"that nobody signed, alg none": {func(op *fakeOP) {
			op.changeToken = func(c map[string]any) {
				c["id_token"] = "eyJhbGciOiJub25lIn0." + strings.Split(c["id_token"].(string), ".")[1] + "."
			}
		}, "Signature"},
	} {
		t.Run(name, func(t *testing.T) {
			op := newFakeOP(t)
			_, b := startDemo(t, op)
			tt.change(op)
			request := b.begin()
			a := b.come("code", op.authorize(request), "state", request.Get("state"))
			a.want(http.StatusBadGateway)
			a.heading("The ID token is refused")
			if got := a.page().Text(".checks .bad strong"); got != tt.failed {
				t.Errorf("got check %q failed, want %q", got, tt.failed)
			}
			if got := b.get(pathTokens).location; got != "/" {
				t.Errorf("tokens: got a redirect to %q, want / because nobody is signed in", got)
			}
		})
	}
}

func TestTheProvidersErrorIsShownPlainly(t *testing.T) {
	op := newFakeOP(t)
	_, b := startDemo(t, op)
	request := b.begin("prompt", "none")
	a := b.come("error", "login_required", "error_description", "No <b>session</b>.", "state", request.Get("state"))
	a.want(http.StatusOK)
	page := a.page()
	if got := page.Text("#error") + ": " + page.Text("#description"); got != "login_required: No <b>session</b>." {
		t.Errorf("got %q, want the provider's own words", got)
	}
	page.Missing("#description b")
	if got := page.Text(".lead"); !strings.Contains(got, "prompt=none") {
		t.Errorf("got %q, want what it means", got)
	}
}

func TestASignInChangesTheSessionsCookie(t *testing.T) {
	op := newFakeOP(t)
	_, b := startDemo(t, op)
	request := b.begin()
	at, _ := url.Parse(b.base)
	before := b.client.Jar.Cookies(at)[0].Value
	code := op.authorize(request)
	a := b.come("code", code, "state", request.Get("state"))
	cookie, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	if cookie.Value == before || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("got %v, want another value, HttpOnly and Lax", cookie)
	}
	old := newBrowser(t, b.base)
	old.client.Jar.SetCookies(at, []*http.Cookie{{Name: cookieName, Value: before}})
	if got := old.get(pathTokens).location; got != "/" {
		t.Errorf("the old cookie: got a redirect to %q, want / because it is worth nothing", got)
	}
}

func TestAPublicClientSendsNoSecret(t *testing.T) {
	op := newFakeOP(t)
	op.clients["public"] = map[string]any{}
	_, b := startDemoWith(t, Config{Issuer: op.URL, AdminURL: op.URL, ClientID: "public"})
	b.signIn(op)
	got := b.tokens().Text("#sign-in")
	if strings.Contains(got, "Authorization: Basic") || !strings.Contains(got, "client_id=public") {
		t.Errorf("got %q, want the id alone", got)
	}
	if got := op.asking("POST", "/admin/clients"); got != 0 {
		t.Errorf("got %d registrations, want none", got)
	}
}
