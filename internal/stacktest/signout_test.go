package stacktest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
)

// told is an application that is told of sign-outs by back channel.
type told struct {
	*httptest.Server
	mu     sync.Mutex
	broken bool
	tokens []string
}

func newTold(t *testing.T) *told {
	t.Helper()
	a := &told{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.tokens = append(a.tokens, r.PostFormValue("logout_token"))
		if a.broken {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *told) set(broken bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.broken, a.tokens = broken, nil
}

// logoutToken is what a logout token says.
type logoutToken struct {
	Audience []string                  `json:"aud"`
	Session  string                    `json:"sid"`
	ID       string                    `json:"jti"`
	Events   map[string]map[string]any `json:"events"`
	Nonce    string                    `json:"nonce"`
}

// await returns the first token that comes, checked with the keys of the stack.
func (a *told) await(t *testing.T, s *Stack) logoutToken {
	t.Helper()
	keys := oidc.NewRemoteKeySet(t.Context(), s.URLs.Hydra+"/.well-known/jwks.json")
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		a.mu.Lock()
		tokens := a.tokens
		a.mu.Unlock()
		if len(tokens) == 0 {
			continue
		}
		raw, err := keys.VerifySignature(t.Context(), tokens[0])
		if err != nil {
			t.Fatalf("logout token: %v", err)
		}
		var out logoutToken
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
		if typeOf(t, tokens[0]) != "logout+jwt" || out.Session == "" || out.ID == "" || out.Nonce != "" || out.Events["http://schemas.openid.net/event/backchannel-logout"] == nil {
			t.Errorf("got %s, want a logout token", raw)
		}
		if diff := cmp.Diff([]string{"told"}, out.Audience); diff != "" {
			t.Error(diff)
		}
		return out
	}
	t.Fatal("the application was not told")
	return logoutToken{}
}

func toldFile(t *testing.T, a *told) Option {
	t.Helper()
	return withFiles(t, map[string]string{"clients": `
- id: told
  name: Told
  secret: told-secret-told-secret
  redirect_uris: [https://app.invalid/callback]
  post_logout_redirect_uris: [https://app.invalid/out]
  frontchannel_logout_uri: https://app.invalid/frame
  backchannel_logout_uri: ` + a.URL + `/bye
  scope: openid email offline_access
  skip_consent: true
`})
}

const toldScope = "openid email offline_access"

func authorize(s *Stack, more url.Values) string {
	q := url.Values{
		"client_id": {"told"}, "response_type": {"code"}, "scope": {toldScope},
		"state": {"state-state"}, "redirect_uri": {vaultCallback},
	}
	for k, v := range more {
		q[k] = v
	}
	return s.URLs.Hydra + "/oauth2/auth?" + q.Encode()
}

// bring signs a new person up by way of the application, and returns the browser and what it got.
func bring(t *testing.T, s *Stack, email string) (*Browser, toldTokens) {
	t.Helper()
	b := signUp(t, s, authorize(s, nil), email)
	code := b.URL.Query().Get("code")
	if code == "" {
		t.Fatalf("got no code at %s", b.URL)
	}
	return b, redeemTold(t, s, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {vaultCallback}})
}

type toldTokens struct {
	Status  int    `json:"-"`
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
}

func redeemTold(t *testing.T, s *Stack, form url.Values) (out toldTokens) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.Hydra+"/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("told", "told-secret-told-secret")
	out.Status = perform(t, req, &out)
	return out
}

func perform(t *testing.T, req *http.Request, into any) int {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if into != nil {
		if err := json.NewDecoder(res.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	return res.StatusCode
}

func remove(t *testing.T, address string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return perform(t, req, nil)
}

// hydraKnows says whether the authorization server remembers the browser: it may still want a consent.
func hydraKnows(s *Stack, b *Browser) bool {
	silent := *b
	silent.Open(authorize(s, url.Values{"prompt": {"none"}}))
	return silent.URL.Query().Get("error") != "login_required"
}

func TestSignOutsOfBothEngines(t *testing.T) {
	folder := Set("data_dir", t.TempDir())
	signOuts(t, func(opts ...Option) *Stack { return Start(t, append(opts, folder)...) })
}

func TestSignOutsOfBothEnginesOnPostgres(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	signOuts(t, func(opts ...Option) *Stack { return d.start(t, opts...) })
}

// signOuts takes every way out. begin starts a stack, each time on the same data.
func signOuts(t *testing.T, begin func(...Option) *Stack) {
	t.Helper()
	a := newTold(t)
	s := begin(toldFile(t, a))
	sessionOf := func(b *Browser) (id, person string) {
		t.Helper()
		var out struct {
			ID       string
			Identity struct{ ID string }
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URLs.Kratos+"/sessions/whoami", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range b.client.Jar.Cookies(req.URL) {
			req.AddCookie(c)
		}
		perform(t, req, &out)
		return out.ID, out.Identity.ID
	}
	ended := func(t *testing.T, b *Browser) {
		t.Helper()
		if got := b.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusUnauthorized {
			t.Errorf("whoami got %d, want 401", got)
		}
		if hydraKnows(s, b) {
			t.Error("hydra still signs the browser in")
		}
	}
	ways := map[string]func(t *testing.T, b *Browser, got toldTokens){
		"at the application, which says where to go on": func(t *testing.T, b *Browser, got toldTokens) {
			b.Open(s.URLs.Hydra + "/oauth2/sessions/logout?" + url.Values{
				"id_token_hint": {got.ID}, "post_logout_redirect_uri": {"https://app.invalid/out"}, "state": {"x"},
			}.Encode())
			b.Submit("form", map[string]string{"action": "yes"})
			if got, want := b.Page.Attr("a[data-leave]", "href"), "https://app.invalid/out?state=x"; got != want {
				t.Errorf("way on: got %q, want %q", got, want)
			}
			framesShown(t, b)
			at, err := url.Parse(s.URLs.Kratos)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range b.client.Jar.Cookies(at) {
				if c.Name == "ory_kratos_session" {
					t.Error("the browser still has the cookie of Kratos' session")
				}
			}
		},
		"at home": func(t *testing.T, b *Browser, _ toldTokens) {
			b.Open(s.URLs.UI + "/account/logout")
			b.Submit(`form[action$="/account/logout"]`, nil)
			if got := b.Page.Attr("a[data-leave]", "href"); got != s.URLs.UI+"/account/signed-out" {
				t.Errorf("way on: got %q, want the signed-out page", got)
			}
			framesShown(t, b)
		},
		"everywhere": func(t *testing.T, b *Browser, _ toldTokens) {
			b.Open(s.URLs.UI + "/account/logout")
			b.Submit(`form[action$="/account/logout"]`, map[string]string{"everywhere": "yes"})
		},
		"by an administrator at Kratos": func(t *testing.T, b *Browser, _ toldTokens) {
			id, _ := sessionOf(b)
			if got := remove(t, s.URLs.KratosAdmin+"/admin/sessions/"+id); got != http.StatusNoContent {
				t.Errorf("got status %d", got)
			}
		},
		"by the end of the account": func(t *testing.T, b *Browser, _ toldTokens) {
			_, person := sessionOf(b)
			if got := remove(t, s.URLs.KratosAdmin+"/admin/identities/"+person); got != http.StatusNoContent {
				t.Errorf("got status %d", got)
			}
		},
		"by an administrator at Hydra": func(t *testing.T, _ *Browser, got toldTokens) {
			sid := claim(t, got.ID, "sid")
			if got := remove(t, s.URLs.HydraAdmin+"/admin/oauth2/auth/sessions/login?sid="+sid); got != http.StatusNoContent {
				t.Errorf("got status %d", got)
			}
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			a.set(false)
			b, got := bring(t, s, strings.ReplaceAll(strings.ReplaceAll(name, " ", "-"), ",", "")+"@example.com")
			if !hydraKnows(s, b) {
				t.Fatal("hydra does not remember the browser")
			}
			way(t, b, got)
			ended(t, b)
			if message := a.await(t, s); message.Session != claim(t, got.ID, "sid") {
				t.Errorf("told of session %s, want %s", message.Session, claim(t, got.ID, "sid"))
			}
		})
	}
	t.Run("a message outlasts the process, and may end the tokens with it", func(t *testing.T) {
		_, other := bring(t, s, "brendan@example.com")
		b, got := bring(t, s, "grace@example.com")
		a.set(true)
		b.Open(s.URLs.UI + "/account/logout")
		b.Submit(`form[action$="/account/logout"]`, nil)
		first := a.await(t, s)
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		a.set(false)
		s = begin(toldFile(t, a), Set("session.logout.revoke_tokens", "true"), Set("session.remember", "never"))
		if again := a.await(t, s); again.ID != first.ID || again.Session != first.Session {
			t.Errorf("got %+v, want the same message as before, %+v", again, first)
		}
		for name, kept := range map[string]struct {
			toldTokens
			status int
		}{"without the word they are kept": {got, http.StatusOK}, "those of others too": {other, http.StatusOK}} {
			if now := redeemTold(t, s, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {kept.Refresh}}); now.Status != kept.status {
				t.Errorf("%s: got status %d, want %d", name, now.Status, kept.status)
			}
		}
		a.set(false)
		b, got = bring(t, s, "alan@example.com")
		b.Open(s.URLs.Hydra + "/oauth2/sessions/logout?id_token_hint=" + got.ID)
		b.Submit("form", map[string]string{"action": "yes"})
		ended(t, b)
		a.await(t, s)
		if now := redeemTold(t, s, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.Refresh}}); now.Status != http.StatusBadRequest {
			t.Errorf("refreshing after the sign-out: got status %d, want 400", now.Status)
		}
	})
}

func framesShown(t *testing.T, b *Browser) {
	t.Helper()
	if got := b.Page.Attr("iframe", "src"); !strings.HasPrefix(got, "https://app.invalid/frame?iss=") || !strings.Contains(got, "&sid=") {
		t.Errorf("frame: got %q", got)
	}
}

// claim reads a claim of a token that was checked by whoever got it.
func claim(t *testing.T, token, name string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("got %q, want a token", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{}
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	out, _ := claims[name].(string)
	return out
}
