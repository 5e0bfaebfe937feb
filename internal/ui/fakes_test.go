package ui

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/held"
	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/identity"
)

// fake stands for both engines. A function that is nil must not be called.
type fake struct {
	*accountFake
	flow           func(kind identity.FlowKind, id, cookie string) (*identity.Flow, error)
	logoutURL      func(cookie, returnTo string) (string, error)
	flowError      func(id string) (*identity.FlowError, error)
	whoami         func(cookie string) (*identity.Session, error)
	identity       func(id string) (*identity.Identity, error)
	loginRequest   func(challenge string) (*identity.LoginRequest, error)
	acceptLogin    func(challenge string, grant identity.LoginGrant) (string, error)
	endLogin       func(sid string) error
	client         func(id string) (*identity.Client, error)
	consentRequest func(challenge string) (*identity.ConsentRequest, error)
	acceptConsent  func(challenge string, grant identity.ConsentGrant) (string, error)
	rejectConsent  func(challenge string) (string, error)
	logoutRequest  func(challenge string) (*identity.LogoutRequest, error)
	acceptLogout   func(challenge string) (string, error)
	rejectLogout   func(challenge string) error
	// invited is by token, taken says whether the address has an account.
	invited  map[string]identity.Invitation
	taken    bool
	accepted []string
}

func (f *fake) Invitation(_ context.Context, token string) (identity.Invitation, bool, error) {
	i, ok := f.invited[token]
	if !ok {
		return i, false, &identity.Error{Code: identity.NotFound, Message: "There is no such invitation."}
	}
	return i, f.taken, nil
}

func (f *fake) AcceptInvitation(_ context.Context, token, person string) error {
	f.accepted = append(f.accepted, token+" "+person)
	return nil
}

func (f *fake) Flow(
	_ context.Context, kind identity.FlowKind, id, cookie string,
) (*identity.Flow, error) {
	return f.flow(kind, id, cookie)
}

func (f *fake) LogoutURL(_ context.Context, cookie, returnTo string) (string, error) {
	return f.logoutURL(cookie, returnTo)
}

func (f *fake) FlowError(_ context.Context, id, _ string) (*identity.FlowError, error) {
	return f.flowError(id)
}

func (f *fake) WebAuthnScript(context.Context) ([]byte, error) { return []byte("/* kratos */"), nil }

func (f *fake) Whoami(_ context.Context, cookie string) (*identity.Session, error) {
	if strings.Contains(cookie, nobody+"=") {
		return signedOut(cookie)
	}
	return f.whoami(cookie)
}

func (f *fake) Identity(_ context.Context, id string) (*identity.Identity, error) {
	return f.identity(id)
}

func (f *fake) LoginRequest(_ context.Context, c string) (*identity.LoginRequest, error) {
	return f.loginRequest(c)
}

func (f *fake) AcceptLogin(_ context.Context, c string, grant identity.LoginGrant) (string, error) {
	return f.acceptLogin(c, grant)
}

func (f *fake) EndLogin(_ context.Context, sid string) error { return f.endLogin(sid) }

func (f *fake) Client(_ context.Context, id string) (*identity.Client, error) { return f.client(id) }

func (f *fake) ConsentRequest(_ context.Context, c string) (*identity.ConsentRequest, error) {
	return f.consentRequest(c)
}

func (f *fake) AcceptConsent(
	_ context.Context, c string, grant identity.ConsentGrant,
) (string, error) {
	return f.acceptConsent(c, grant)
}

func (f *fake) RejectConsent(_ context.Context, c string) (string, error) {
	return f.rejectConsent(c)
}

func (f *fake) LogoutRequest(_ context.Context, c string) (*identity.LogoutRequest, error) {
	return f.logoutRequest(c)
}

func (f *fake) AcceptLogout(_ context.Context, c string) (string, error) { return f.acceptLogout(c) }

func (f *fake) RejectLogout(_ context.Context, c string) error { return f.rejectLogout(c) }

const (
	uiURL     = "http://id.test:3000"
	kratosURL = "http://id.test:4433"
	hydraURL  = "http://id.test:4444"
)

func anna() identity.Identity {
	return identity.Identity{
		ID: "anna-id", State: "active", Traits: map[string]any{"email": "anna@example.com"},
	}
}

// engines answers everything as for Anna, who is signed in.
func engines() *fake {
	return &fake{
		accountFake: accounts(),
		flow: func(kind identity.FlowKind, _, _ string) (*identity.Flow, error) {
			return passwordFlow(kind), nil
		},
		logoutURL: func(_, _ string) (string, error) {
			return kratosURL + "/self-service/logout?token=t", nil
		},
		flowError: func(id string) (*identity.FlowError, error) {
			return &identity.FlowError{ID: id, Status: 400, Reason: "because"}, nil
		},
		whoami: func(string) (*identity.Session, error) {
			s := annaHere()
			return &s, nil
		},
		identity: func(string) (*identity.Identity, error) {
			person := anna()
			return &person, nil
		},
		loginRequest: func(c string) (*identity.LoginRequest, error) {
			return loginRequest(c), nil
		},
		acceptLogin: func(string, identity.LoginGrant) (string, error) {
			return hydraURL + "/login-accepted", nil
		},
		endLogin: func(string) error { return nil },
		client: func(id string) (*identity.Client, error) {
			client := loginRequest("").Client
			client.ID = id
			return &client, nil
		},
		consentRequest: func(c string) (*identity.ConsentRequest, error) {
			return consentRequest(c), nil
		},
		acceptConsent: func(string, identity.ConsentGrant) (string, error) {
			return hydraURL + "/accepted", nil
		},
		rejectConsent: func(string) (string, error) { return hydraURL + "/rejected", nil },
		logoutRequest: func(c string) (*identity.LogoutRequest, error) {
			return &identity.LogoutRequest{
				Challenge: c, Client: &identity.Client{ID: "app", Name: "Notes"},
			}, nil
		},
		acceptLogout: func(string) (string, error) { return hydraURL + "/logged-out", nil },
		rejectLogout: func(string) error { return nil },
	}
}

// nobody is a cookie of a browser in which nobody is signed in.
const nobody = "nobody"

func signedOut(string) (*identity.Session, error) {
	return nil, &identity.Error{Code: identity.NoSession, Message: "nobody"}
}

func loginRequest(challenge string) *identity.LoginRequest {
	return &identity.LoginRequest{
		Challenge: challenge,
		Client: identity.Client{
			ID: "app", Name: "Notes", URI: "https://notes.example",
			RedirectURIs: []string{"https://notes.example/cb"},
		},
		RequestURL:  hydraURL + "/oauth2/auth?client_id=app&state=s1",
		SessionID:   "hydra-session",
		RequestedAt: time.Now().Truncate(time.Second),
	}
}

func consentRequest(challenge string) *identity.ConsentRequest {
	return &identity.ConsentRequest{
		Challenge: challenge,
		Client: identity.Client{
			ID: "app", Name: "Notes", RedirectURIs: []string{"https://notes.example/cb"},
		},
		RequestURL: hydraURL + "/oauth2/auth?redirect_uri=" +
			url.QueryEscape("https://notes.example/cb"),
		RequestedScope:    []string{"openid", "email", "profile"},
		RequestedAudience: []string{"https://api.notes.example"},
		Subject:           "anna-id",
	}
}

func config(f *fake) Config {
	return Config{
		Log:   slog.New(slog.DiscardHandler),
		URLs:  URLs{UI: uiURL, KratosPublic: kratosURL, Hydra: hydraURL + "/"},
		Flows: f, Sessions: f, Identities: f, OAuth2: f, Account: f, Grants: f, Activity: f, Invitations: f, Data: fakeData{f},
		AccountRules: accountRules(),
		Claims: func(person identity.Identity, scopes, _ []string) (idToken, accessToken map[string]any) {
			names := strings.Join(scopes, " ")
			return map[string]any{"of": person.ID, "scopes": names}, map[string]any{"api": names}
		},
		Registration: true, Recovery: true, Verification: true, Settings: true,
		Inbox:    &fakeInbox{mails: []identity.Mail{codeMail()}},
		Previews: fakePreviews{},
		CSRFKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")},
		SealKeys: [][]byte{[]byte("fedcba9876543210fedcba9876543210")},
		Remember: identity.RememberOffered,

		SessionLifespan: 720 * time.Hour,

		Brand:     Brand{Name: "Example"},
		RequestID: func(context.Context) string { return "req-42" },
	}
}

func newUI(t testing.TB, f *fake) *UI {
	t.Helper()
	return newUIWith(t, config(f))
}

func newUIWith(t testing.TB, cfg Config) *UI {
	t.Helper()
	u, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// browser keeps cookies between requests.
type browser struct {
	t   testing.TB
	ui  http.Handler
	jar map[string]string
	// accept is the Accept-Language header, if any.
	accept string
}

func newBrowser(t testing.TB, u http.Handler) *browser {
	return &browser{t: t, ui: u, jar: map[string]string{}}
}

type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

func (b *browser) do(method, target string, form url.Values) answer {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, target, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if b.accept != "" {
		r.Header.Set("Accept-Language", b.accept)
	}
	for name, value := range b.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.ui.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		if cookie.MaxAge < 0 {
			delete(b.jar, cookie.Name)
			continue
		}
		b.jar[cookie.Name] = cookie.Value
	}
	return answer{b.t, w.Code, w.Header(), w.Body.String()}
}

func (b *browser) get(target string) answer { b.t.Helper(); return b.do("GET", target, nil) }

func (b *browser) post(target string, form url.Values) answer {
	b.t.Helper()
	return b.do("POST", target, form)
}

func (a answer) page() *htmltest.Page {
	a.t.Helper()
	return htmltest.ParseString(a.t, a.body)
}

// shows fails unless the answer is a page with this status.
func (a answer) shows(status int) *htmltest.Page {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("got status %d, want %d:\n%s", a.status, status, a.body)
	}
	return a.page()
}

// goesTo fails unless the answer is a redirect to exactly this address.
func (a answer) goesTo(want string) {
	a.t.Helper()
	if got := a.header.Get("Location"); a.status != http.StatusSeeOther || got != want {
		a.t.Errorf("got %d to %q, want 303 to %q", a.status, got, want)
	}
}

// fakePreviews has one mail in every language.
type fakePreviews struct{}

func (fakePreviews) Kinds() []string { return []string{"login_code_valid", "new_one"} }

func (fakePreviews) Preview(kind, lang string) (identity.Mail, error) {
	return identity.Mail{Subject: kind + " in " + lang, Text: "hello", HTML: "<p>hello</p>"}, nil
}

// fakeData collects from the fakes as the product does from the engines.
type fakeData struct{ f *fake }

func (d fakeData) Export(ctx context.Context, person, session string) (any, error) {
	return held.Exporter{Service: "Example", People: d.f, Grants: d.f, Trail: d.f}.Export(ctx, person, session)
}

func (fakeData) Traces(context.Context, string) (func(context.Context) error, error) {
	return func(context.Context) error { return nil }, nil
}
