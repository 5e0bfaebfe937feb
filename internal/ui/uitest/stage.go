package uitest

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
	"example.com/identityd/internal/mails"
	"example.com/identityd/internal/ui"
)

// Stage serves the pages, one state at a time.
type Stage struct {
	// Base is the address of the pages.
	Base string
	UI   *ui.UI

	mu    sync.Mutex
	now   World
	shown func(u *ui.UI, w http.ResponseWriter, r *http.Request)
}

// NewStage starts a server with the pages on it. Change, which may be nil, alters what they are
// configured with, such as the brand.
func NewStage(t testing.TB, change func(*ui.Config)) *Stage {
	t.Helper()
	s := &Stage{}
	server := httptest.NewUnstartedServer(s)
	s.Base = "http://" + server.Listener.Addr().String()
	e := engines{stage: s}
	texts, err := locale.Load(locale.Languages())
	if err != nil {
		t.Fatal(err)
	}
	written, err := mails.New(mails.Config{Texts: texts, Brand: mails.Brand{Name: "Northwind"}, Pages: s.Base})
	if err != nil {
		t.Fatal(err)
	}
	cfg := ui.Config{
		Log:   slog.New(slog.DiscardHandler),
		URLs:  ui.URLs{UI: s.Base, KratosPublic: s.Base, Hydra: s.Base},
		Flows: e, Sessions: e, Identities: e, OAuth2: e, Account: e, Grants: allGrants{engines: e}, Activity: e, Invitations: e, Data: e,
		Claims:       func(_ identity.Identity, _, _ []string) (idToken, accessToken map[string]any) { return nil, nil },
		Registration: true, Recovery: true, Verification: true, Settings: true,
		Inbox:     inbox{s},
		Previews:  previews{written},
		CSRFKeys:  [][]byte{[]byte("0123456789abcdef0123456789abcdef")},
		SealKeys:  [][]byte{[]byte("fedcba9876543210fedcba9876543210")},
		Remember:  identity.RememberOffered,
		Brand:     ui.Brand{Name: "Northwind"},
		Texts:     texts,
		RequestID: RequestID,
		ErrorCode: ErrorCode,

		SecondFactorRequired: true,
		AccountRules: ui.AccountRules{Privileged: 15 * time.Minute, Deletion: true, Factors: ui.Factors{
			Password: true, Passkey: true, SecurityKey: true, TOTP: true, RecoveryCodes: true, Providers: true,
		}},
	}
	cfg.ClientLogos = map[string]ui.Image{"calendar": {Type: "image/svg+xml", Data: []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="#0d6e6e"/>` +
			`<path d="M18 22h28v26H18z" fill="#fff"/><path d="M18 22h28v7H18z" fill="#f2b84b"/></svg>`)}}
	cfg.ScopeTexts = map[string]string{"calendar:write": "Add to your calendar"}
	if change != nil {
		change(&cfg)
	}
	if s.UI, err = ui.New(cfg); err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(server.Close)
	return s
}

// ServeHTTP implements http.Handler: the pages, for a browser that holds a session if somebody is signed in.
func (s *Stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.world().Session != nil {
		r.AddCookie(&http.Cookie{Name: "ory_kratos_session", Value: "anna"})
	}
	if s.world().Waiting {
		s.comeFromAnApplication(r)
	}
	if s.world().Invitation != nil {
		r.AddCookie(&http.Cookie{Name: identity.InvitationCookie, Value: "t"})
	}
	s.mu.Lock()
	shown := s.shown
	s.mu.Unlock()
	if shown != nil && strings.HasPrefix(r.URL.Path, "/self-service/") {
		shown(s.UI, w, r)
		return
	}
	s.UI.ServeHTTP(w, r)
}

// Show sets the stage for a page; its address is the one to visit.
func (s *Stage) Show(state State) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now, s.shown = World{Session: session()}, state.Shown
	if state.World != nil {
		state.World(&s.now)
	}
	// What Kratos sends says where it is; the fakes do not know before the server listens.
	if s.now.Flow != nil {
		s.now.Flow.UI.Action = s.Base + "/self-service/flow?flow=f"
	}
	if state.Sealed != nil {
		return state.Sealed(s.UI)
	}
	return s.Base + state.Target
}

// comeFromAnApplication gives a request the cookies that it would have after an application sent the browser.
func (s *Stage) comeFromAnApplication(r *http.Request) {
	before := s.world()
	request := loginRequest(s.Base)
	s.Alter(func(w *World) { *w = World{Login: &request} })
	defer s.Alter(func(w *World) { *w = before })
	answer := httptest.NewRecorder()
	s.UI.ServeHTTP(answer, httptest.NewRequestWithContext(r.Context(), http.MethodGet, "/login?login_challenge=c", nil))
	// Instead of what the browser still has of other states.
	r.Header.Del("Cookie")
	if before.Session != nil {
		r.AddCookie(&http.Cookie{Name: "ory_kratos_session", Value: "anna"})
	}
	for _, cookie := range answer.Result().Cookies() {
		r.AddCookie(cookie)
	}
}

// Alter changes what the engines answer from now on.
func (s *Stage) Alter(change func(*World)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.now)
}

func (s *Stage) world() World {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}
