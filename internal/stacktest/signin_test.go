package stacktest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const appsFile = `
- id: ours
  name: Ours
  secret: ours-secret-secret-secret
  redirect_uris: [https://app.invalid/callback]
  scope: openid email profile offline_access
  skip_consent: true
- id: notes
  name: Notes
  secret: notes-secret-secret-secret
  redirect_uris: [https://app.invalid/callback]
  scope: openid email profile offline_access
`

// selfService is the form of a flow.
const selfService = `main form[action*="/self-service/"]:not(.again)`

// atHome signs somebody up without an application.
func atHome(t *testing.T, s *Stack, email string) *Browser {
	t.Helper()
	b := NewBrowser(t)
	b.Open(s.URLs.UI + "/registration")
	b.Submit("form", map[string]string{"traits.email": email, "password": password, "method": "password"})
	if got := b.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusOK {
		t.Fatalf("whoami: got %d, want 200 after the sign-up", got)
	}
	return b
}

func (b *Browser) signIn(email string) {
	b.t.Helper()
	b.Submit(selfService, map[string]string{"identifier": email, "password": password, "method": "password"})
}

func isAt(t *testing.T, b *Browser, path string) {
	t.Helper()
	if b.URL.Path != path {
		t.Fatalf("got %s (%d), want %s", b.URL.Redacted(), b.Status, path)
	}
}

// TestSigningInToApplications is the way of a login challenge through both engines.
func TestSigningInToApplications(t *testing.T) {
	s := Start(t, orStandIn(t), withFiles(t, map[string]string{"clients": appsFile}))
	ada := atHome(t, s, "ada@example.com")
	bert := s.Whoami(t, atHome(t, s, "bert@example.com")).Identity.ID
	session := s.Whoami(t, ada)
	signedInAt, err := time.Parse(time.RFC3339, session.AuthenticatedAt)
	if err != nil {
		t.Fatal(err)
	}
	// Times of sign-ins are in whole seconds.
	for deadline := time.Now().Add(2 * time.Second); time.Now().Unix() <= signedInAt.Unix() && time.Now().Before(deadline); {
		<-time.After(20 * time.Millisecond)
	}
	t.Run("who is signed in goes on without a word, and the application learns when and how that was", func(t *testing.T) {
		ada.Open(s.Begin("ours"))
		got := s.Redeem(t, "ours", ada)
		want := IDToken{
			Subject: session.Identity.ID, AuthTime: signedInAt.Unix(), ACR: "aal1", AMR: []string{"password"}, SID: got.SID,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("prompt=none finds the session", func(t *testing.T) {
		ada.Open(s.Begin("ours", "prompt", "none"))
		s.Redeem(t, "ours", ada)
	})
	t.Run("a maximal age that is not reached asks nothing, and one that is asks for the password", func(t *testing.T) {
		ada.Open(s.Begin("ours", "max_age", "3600"))
		s.Redeem(t, "ours", ada)
		ada.Open(s.Begin("ours", "max_age", "0"))
		isAt(t, ada, "/login")
	})
	t.Run("prompt=login asks for the password, and the time of the sign-in is a new one", func(t *testing.T) {
		ada.Open(s.Begin("ours", "prompt", "login"))
		isAt(t, ada, "/login")
		if got := ada.Page.Text(".lead"); !strings.Contains(got, "Ours") {
			t.Errorf("got %q, want the name of the application", got)
		}
		ada.Submit(selfService, map[string]string{"password": password, "method": "password"})
		if got := s.Redeem(t, "ours", ada); got.AuthTime < signedInAt.Unix() {
			t.Errorf("auth_time: got %d, want it after %d", got.AuthTime, signedInAt.Unix())
		}
	})
	t.Run("prompt=select_account asks for the account", func(t *testing.T) {
		ada.Open(s.Begin("ours", "prompt", "select_account"))
		isAt(t, ada, "/login")
		ada.Submit(`form[action="/account/choose"]`, nil)
		if got := s.Redeem(t, "ours", ada); got.Subject != session.Identity.ID {
			t.Errorf("got %s, want Ada", got.Subject)
		}
	})
	t.Run("so does a hint at somebody else, and another account is another session everywhere", func(t *testing.T) {
		ada.Open(s.Begin("ours", "login_hint", "bert@example.com"))
		isAt(t, ada, "/login")
		ada.Submit(`form[action="/account/switch"]`, nil)
		isAt(t, ada, "/login")
		if got := ada.Page.Attr("#f-identifier", "value"); got != "bert@example.com" {
			t.Errorf("the hint is not filled in, but %q", got)
		}
		ada.signIn("bert@example.com")
		if got := s.Redeem(t, "ours", ada); got.Subject != bert {
			t.Errorf("got %s, want Bert", got.Subject)
		}
	})
	t.Run("nobody inherits a remembered session: not who signs in at the application", func(t *testing.T) {
		s.EndSession(t, s.Whoami(t, ada).ID) // Bert's, which Hydra still remembers
		ada.Open(s.Begin("ours"))
		isAt(t, ada, "/login")
		ada.signIn("ada@example.com")
		if got := s.Redeem(t, "ours", ada); got.Subject != session.Identity.ID {
			t.Errorf("got %s, want Ada", got.Subject)
		}
	})
	t.Run("nor who signed in at home", func(t *testing.T) {
		s.EndSession(t, s.Whoami(t, ada).ID)
		ada.Open(s.URLs.UI + "/login")
		ada.signIn("bert@example.com")
		ada.Open(s.Begin("ours"))
		if got := s.Redeem(t, "ours", ada); got.Subject != bert {
			t.Errorf("got %s, want Bert", got.Subject)
		}
	})
	t.Run("nor an application that must not ask", func(t *testing.T) {
		s.EndSession(t, s.Whoami(t, ada).ID)
		ada.Open(s.Begin("ours", "prompt", "none"))
		if got := ada.URL.Query().Get("error"); ada.URL.Hostname() != AppHost || got != "login_required" {
			t.Errorf("got %s, want login_required at the application", ada.URL.Redacted())
		}
	})
	t.Run("a sign-out at the application ends the session that there is now", func(t *testing.T) {
		b := NewBrowser(t)
		b.Open(s.Begin("ours"))
		b.signIn("ada@example.com")
		s.EndSession(t, s.Whoami(t, b).ID)
		b.Open(s.URLs.UI + "/login")
		b.signIn("ada@example.com") // a new session of Kratos behind the same one of Hydra
		b.Open(s.Begin("ours"))
		s.Redeem(t, "ours", b)
		b.Open(s.URLs.Hydra + "/oauth2/sessions/logout")
		b.Submit("main form", map[string]string{"action": "yes"})
		if got := b.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusUnauthorized {
			t.Errorf("whoami: got %d, want 401 after the sign-out", got)
		}
	})
	t.Run("consent is asked again when an application wants more", func(t *testing.T) {
		b := NewBrowser(t)
		b.Open(s.Begin("notes"))
		b.signIn("ada@example.com")
		isAt(t, b, "/consent")
		b.Submit("main form", map[string]string{"action": "allow", "remember": "true"})
		s.Redeem(t, "notes", b)
		b.Open(s.Begin("notes"))
		s.Redeem(t, "notes", b)
		b.Open(s.Begin("notes", "scope", "openid email profile"))
		isAt(t, b, "/consent")
	})
	t.Run("who forgot the password is not asked for it again after choosing a new one", func(t *testing.T) {
		b := NewBrowser(t)
		b.Open(s.Begin("notes"))
		b.Open(b.Page.Attr(`a[href*="/recovery"]`, "href"))
		b.Submit("main form", map[string]string{"email": "bert@example.com", "method": "code"})
		code := recoveryCode(t, s, "bert@example.com")
		b.Submit(selfService, map[string]string{"code": code, "method": "code"})
		isAt(t, b, "/settings")
		if got := b.Page.Text(".onward"); !strings.Contains(got, "Notes") {
			t.Errorf("the settings do not lead on to the application: %q", got)
		}
		b.Open(b.Page.Attr(".onward a", "href"))
		isAt(t, b, "/consent")
		b.Submit("main form", map[string]string{"action": "allow"})
		if got := s.Redeem(t, "notes", b); got.Subject != bert {
			t.Errorf("got %s, want Bert", got.Subject)
		}
	})
}

func TestStayingSignedInIsAChoice(t *testing.T) {
	s := Start(t, orStandIn(t), withFiles(t, map[string]string{"clients": appsFile}))
	atHome(t, s, "ada@example.com")
	for name, keep := range map[string]string{"who does not choose it": "", "who chooses it": "true"} {
		t.Run(name, func(t *testing.T) {
			b := NewBrowser(t)
			lasts := map[string]bool{}
			b.Watch(func(res *http.Response) {
				for _, c := range res.Cookies() {
					if strings.HasPrefix(c.Name, "ory_kratos_session") || strings.HasPrefix(c.Name, "ory_hydra_session") {
						lasts[c.Name] = c.MaxAge > 0 || !c.Expires.IsZero()
					}
				}
			})
			b.Open(s.Begin("ours"))
			b.Submit(selfService, map[string]string{
				"identifier": "ada@example.com", "password": password, "method": "password", "keep_signed_in": keep,
			})
			s.Redeem(t, "ours", b)
			want := map[string]bool{"ory_kratos_session": keep != "", "ory_hydra_session_dev": keep != ""}
			if diff := cmp.Diff(want, lasts); diff != "" {
				t.Error(diff)
			}
			b.Open(s.Begin("ours", "prompt", "none"))
			s.Redeem(t, "ours", b)
		})
	}
}

// TestASignInThatTookTooLongStillEndsAtTheApplication is about the form that was left open over lunch: the
// password is right, and Hydra's challenge behind the form is too old.
func TestASignInThatTookTooLongStillEndsAtTheApplication(t *testing.T) {
	const lasts = 2 * time.Second
	s := Start(t, orStandIn(t), withFiles(t, map[string]string{
		"clients": appsFile, "hydra": "ttl: { login_consent_request: " + lasts.String() + " }",
	}))
	atHome(t, s, "ada@example.com")
	b := NewBrowser(t)
	b.Open(s.Begin("ours"))
	isAt(t, b, "/login")
	<-time.After(lasts + time.Second) // the challenge's own life
	b.signIn("ada@example.com")
	s.Redeem(t, "ours", b)
}
