package demo

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/htmltest"
)

// press is a button of the tokens page, and the page after it.
func (b *browser) press(path, place string) *htmltest.Page {
	b.t.Helper()
	a := b.post(path)
	if a.status != http.StatusSeeOther || a.location != pathTokens+"#"+place {
		b.t.Fatalf("%s: got %d to %q, want to be shown %s", path, a.status, a.location, place)
	}
	return b.tokens()
}

// notes are the outcomes that a section shows.
func notes(page *htmltest.Page, section string) string {
	var out []string
	for _, n := range page.All("#" + section + " .note") {
		class, _ := htmltest.Attr(n, "class")
		out = append(out, strings.TrimPrefix(class, "note ")+": "+htmltest.Text(n))
	}
	return strings.Join(out, "\n")
}

func wantNote(t *testing.T, page *htmltest.Page, section, want string) {
	t.Helper()
	if got := notes(page, section); !strings.Contains(got, want) {
		t.Errorf("%s: got %q, want %q in it", section, got, want)
	}
}

func TestRefreshingRotatesAndTheSpentTokenIsRefused(t *testing.T) {
	op := newFakeOP(t)
	_, b := startDemo(t, op)
	b.signIn(op)
	b.tokens().Missing("#used-token, form[action='/replay']")
	page := b.press("/refresh", "refresh")
	if got := page.Text("#refresh-token") + " after " + page.Text("#used-token"); got != "rt-2 after rt-1" {
		t.Errorf("got %s, want rt-2 after rt-1", got)
	}
	wantNote(t, page, "refresh", "good: New tokens came, the refresh token among them")
	wantNote(t, page, "introspection", "good: The access token is active")
	if got := page.Text("#access-token .token"); got != "at-2" {
		t.Errorf("access token: got %s, want at-2", got)
	}

	page = b.press("/replay", "refresh")
	wantNote(t, page, "refresh", "good: The old refresh token is refused. A second use looks like theft")
	if got := page.Text("#refresh"); !strings.Contains(got, "refresh_token=rt-1") || !strings.Contains(got, `"error": "invalid_grant"`) {
		t.Errorf("got %q, want the request with the old token and its answer", got)
	}
	wantNote(t, page, "introspection", "bad: The access token is not active")
	wantNote(t, b.press("/refresh", "refresh"), "refresh", "bad: The provider refuses: invalid_grant. used before")
}

func TestASpentTokenMayBeTakenOrEndNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*fakeOP)
		want   string
	}{
		"within a time of grace":             {func(op *fakeOP) { op.grace = true }, "bad: The old refresh token was still taken."},
		"at a provider that forgives":        {func(op *fakeOP) { op.forgiving = true }, "good: The old refresh token is refused. The tokens of this sign-in still work."},
		"at a provider that does not answer": {func(op *fakeOP) { op.answer("/token", hangUp) }, "bad: The provider does not answer."},
	} {
		t.Run(name, func(t *testing.T) {
			op := newFakeOP(t)
			_, b := startDemo(t, op)
			b.signIn(op)
			b.press("/refresh", "refresh")
			tt.change(op)
			wantNote(t, b.press("/replay", "refresh"), "refresh", tt.want)
		})
	}
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestAProviderThatDoesNotRotateIsToldSo(t *testing.T) {
	op := newFakeOP(t)
	_, b := startDemo(t, op)
	b.signIn(op)
	op.keepsRefresh = true
	page := b.press("/refresh", "refresh")
	wantNote(t, page, "refresh", "good: New tokens came, but the refresh token is the old one")
	page.Missing("#used-token")
}

func TestARefreshedIDTokenOfSomebodyElseIsRefused(t *testing.T) {
	op := newFakeOP(t)
	_, b := startDemo(t, op)
	b.signIn(op)
	op.changeClaims = func(c map[string]any) { c["sub"] = "person-2" }
	page := b.press("/refresh", "refresh")
	wantNote(t, page, "refresh", "bad: The new ID token is refused")
	if got := page.Text("#access-token .token"); got != "at-1" {
		t.Errorf("access token: got %s, want at-1 as before", got)
	}
}

func TestWithoutARefreshTokenThereIsNoButton(t *testing.T) {
	op := newFakeOP(t)
	op.changeToken = func(c map[string]any) { delete(c, "refresh_token") }
	_, b := startDemo(t, op)
	b.signIn(op)
	b.tokens().Missing("form[action='/refresh']")
	wantNote(t, b.press("/revocation", "revocation"), "revocation", "good: The grant is revoked.")
	if got := b.tokens().Text("#revocation"); !strings.Contains(got, "token_type_hint=access_token") {
		t.Errorf("got %q, want the access token revoked", got)
	}
}

func TestRevokingIsCheckedByIntrospection(t *testing.T) {
	op := newFakeOP(t)
	a, b := startDemo(t, op)
	b.signIn(op)
	page := b.press("/revocation", "revocation")
	wantNote(t, page, "revocation", "good: The grant is revoked. Asked again: the access token is not active")
	got := page.Text("#revocation")
	for _, want := range []string{"token=rt-1", "token_type_hint=refresh_token", "Basic ***", `"active": false`} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
	if strings.Contains(page.String(), a.client.secret) {
		t.Error("the page shows the client's secret")
	}
	page.One(".head .note.bad")
	wantNote(t, b.press("/userinfo", "userinfo"), "userinfo", "bad: The provider refuses the access token.")
}

func TestUserinfoOfSomebodyElseIsNotUsed(t *testing.T) {
	op := newFakeOP(t)
	op.userinfoSubject = "person-2"
	_, b := startDemo(t, op)
	b.signIn(op)
	wantNote(t, b.tokens(), "userinfo", "bad: The answer is about somebody else")
	b.tokens().Missing("#userinfo .reply")
}

func TestIntrospectionSaysWhenTheAdminAPIIsNotThere(t *testing.T) {
	op := newFakeOP(t)
	op.clients["public"] = map[string]any{}
	const gone = "http://127.0.0.1:1" // a port that was free a moment ago may be somebody else's
	_, b := startDemoWith(t, Config{Issuer: op.URL, AdminURL: gone, ClientID: "public"})
	b.signIn(op)
	wantNote(t, b.tokens(), "introspection", "which does not answer at "+gone)
	op.answer("/admin/oauth2/introspect", func(w http.ResponseWriter, _ *http.Request) { send(w, 200, "what?") })
	_, b = startDemoWith(t, Config{Issuer: op.URL, AdminURL: op.URL, ClientID: "public"})
	b.signIn(op)
	wantNote(t, b.tokens(), "introspection", "answers, but not as Hydra's admin API")
}

func TestSigningOutGoesByTheProvider(t *testing.T) {
	op := newFakeOP(t)
	_, b := startDemo(t, op)
	b.signIn(op)
	token := b.tokens().Text("#id-token .token")
	a := b.post("/sign-out")
	to, err := url.Parse(a.location)
	if err != nil {
		t.Fatal(err)
	}
	q := to.Query()
	if got := to.Scheme + "://" + to.Host + to.Path; got != op.URL+"/logout" {
		t.Errorf("got %s, want the end_session_endpoint", got)
	}
	if q.Get("id_token_hint") != token || q.Get("post_logout_redirect_uri") != b.base+pathSignedOut {
		t.Errorf("got %v, want the ID token and the address to come back to", q)
	}
	b.tokens() // a person may still change their mind there

	forged := b.get(pathSignedOut + "?state=forged")
	forged.heading("You are still signed in here")
	back := b.get(pathSignedOut + "?state=" + q.Get("state"))
	back.heading("You are signed out")
	if got := back.page().Text(".exchange"); !strings.Contains(got, "id_token_hint") {
		t.Errorf("got %q, want the request shown", got)
	}
	if got := b.get(pathTokens).location; got != "/" {
		t.Errorf("tokens: got a redirect to %q, want /", got)
	}
}

func TestWithoutAnEndSessionEndpointTheDemoOnlyForgets(t *testing.T) {
	op := newFakeOP(t)
	op.changeDiscovery = func(d map[string]any) { delete(d, "end_session_endpoint"); delete(d, "revocation_endpoint") }
	_, b := startDemo(t, op)
	b.signIn(op)
	wantNote(t, b.press("/revocation", "revocation"), "revocation", "bad: The provider names no revocation_endpoint.")
	if got := b.post("/sign-out").location; got != pathSignedOut {
		t.Errorf("got a redirect to %q, want %s", got, pathSignedOut)
	}
	if got := b.get(pathTokens).location; got != "/" {
		t.Errorf("tokens: got a redirect to %q, want /", got)
	}
}

func TestWithoutASignInButtonsLeadToTheStart(t *testing.T) {
	op := newFakeOP(t)
	_, stranger := startDemo(t, op)
	begun := newBrowser(t, stranger.base)
	begun.begin()
	for name, b := range map[string]*browser{"a stranger": stranger, "somebody half-way": begun} {
		for _, path := range []string{"/userinfo", "/introspection", "/refresh", "/replay", "/revocation", "/sign-out"} {
			if a := b.post(path); a.status != http.StatusSeeOther || a.location != "/" {
				t.Errorf("%s at %s: got %d to %q, want 303 to /", name, path, a.status, a.location)
			}
		}
	}
}
