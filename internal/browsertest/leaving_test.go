package browsertest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"
	"golang.org/x/oauth2"

	"example.com/identityd/internal/stacktest"
)

// frame is what is opened in a frame at a sign-out.
func (a *application) frame(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.frames = append(a.frames, r.URL.Query())
	a.mu.Unlock()
	a.page(w, "Forgotten", "")
}

// awaitFrame returns the query of the next frame that was opened.
func (a *application) awaitFrame() url.Values {
	a.t.Helper()
	for deadline := time.Now().Add(pageBound); time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
		a.mu.Lock()
		frames := a.frames
		a.frames = nil
		a.mu.Unlock()
		if len(frames) > 0 {
			return frames[0]
		}
	}
	a.t.Fatalf("%s was not opened in a frame", a.name)
	return nil
}

// reach waits for a page that a script goes on to.
func (b *tab) reach(heading string) {
	b.t.Helper()
	ctx, cancel := b.bounded()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.Search(`//h1[normalize-space()="`+heading+`"]`))); err != nil {
		b.fatal("waiting for "+heading, err)
	}
}

// signOutBothWays takes one person in two browsers out of both engines, with and without scripts.
func signOutBothWays(t *testing.T, s *stacktest.Stack) {
	person := newPerson(t, s, "lovelace")
	notes := newApplication(t, s, "Notes", map[string]any{
		"frontchannel_logout_uri": "/frame", "frontchannel_logout_session_required": true, "skip_consent": true,
		"client_uri": "https://notes.example/",
	})
	in := func(b *tab) {
		t.Helper()
		b.visit(notes.url + "/sign-in")
		b.heading("Sign in")
		b.signIn(person, password)
		b.reach("Signed in to Notes")
	}
	first, second := open(t, "sign-out-first"), openScripted(t, "sign-out-second")
	in(first)
	in(second)
	sid := notes.tokens().Claims["sid"]

	first.visit(s.URLs.UI + "/account/logout")
	first.heading("Sign out?")
	first.shot("ask")
	first.pressText("Sign out of this browser")
	first.heading("Signing you out")
	first.shot("frames")
	if got := notes.awaitFrame(); got.Get("iss") != s.URLs.Hydra || got.Get("sid") == "" || got.Get("sid") == sid {
		t.Errorf("got the frame %v, want that of the first browser's session", got)
	}
	first.pressText("Continue")
	first.heading("You are signed out")
	first.shot("done")
	first.visit(notes.url + "/sign-in")
	first.heading("Sign in")

	second.visit(s.URLs.UI)
	second.heading("Your account")
	second.visit(notes.url + "/sign-out")
	second.heading("Sign out of identityd?")
	second.pressText("No, stay")
	second.heading("You are still signed in")
	second.shot("stayed")
	second.visit(notes.url + "/sign-out")
	second.pressText("Yes, sign out")
	second.reach("Signed out of Notes") // by the script, once the frame has loaded
	if got := notes.awaitFrame().Get("sid"); got != sid {
		t.Errorf("got a frame of session %s, want %v", got, sid)
	}
	second.visit(s.URLs.UI)
	second.heading("Welcome")
}

// postAnswers has answers of an authorization posted, as OAuth 2.0 Form Post Response Mode has it.
func postAnswers(t *testing.T, s *stacktest.Stack) {
	person := newPerson(t, s, "hopper")
	notes := newApplication(t, s, "Notes", map[string]any{"skip_consent": true})
	b, scripted := open(t, "form-post"), openScripted(t, "form-post-scripted")
	b.visit(notes.url + "/sign-in?response_mode=form_post")
	b.signIn(person, password)
	b.heading("One more step")
	b.at(s.URLs.Hydra + "/oauth2/auth")
	b.shot("page")
	b.pressText("Continue")
	b.heading("Signed in to Notes")

	scripted.visit(notes.url + "/sign-in?response_mode=form_post")
	scripted.signIn(person, password)
	scripted.reach("Signed in to Notes")

	// A client of each other kind, asked by hand: what arrives is what counts here.
	arrived := make(chan url.Values, 1)
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.ParseForm() == nil {
			arrived <- r.PostForm
		}
		notes.page(w, "Arrived", "")
	}))
	t.Cleanup(secure.Close)
	asking := func(redirect string) string {
		other := newApplication(t, s, "Other", map[string]any{
			"skip_consent": true, "redirect_uris": []string{redirect}, "post_logout_redirect_uris": []string{},
		})
		other.oauth.RedirectURL = redirect
		return other.oauth.AuthCodeURL("state-state-state", oauth2.SetAuthURLParam("response_mode", "form_post"))
	}
	b.load("trusting every certificate", chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
		return err
	}))
	b.visit(asking(secure.URL + "/callback"))
	b.pressText("Continue")
	b.heading("Arrived")
	if got := <-arrived; got.Get("code") == "" || got.Get("state") != "state-state-state" {
		t.Error("the answer did not come with the form")
	}
	// A browser hands a scheme of an application's own to the system, without the form's content; there is
	// none here that knows it.
	b.visit(asking("com.example.notes:/callback"))
	b.shows("com.example.notes:")
	b.allow("com.example.notes:")
	b.leave("Continue", "ERR_ABORTED")
}
