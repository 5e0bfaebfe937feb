package stacktest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/why"
)

const whyFile = appsFile + `
- id: vault
  name: Vault
  secret: vault-secret-vault-secret
  redirect_uris: [https://app.invalid/callback]
  scope: openid email offline_access
  grant_types: [authorization_code, refresh_token]
  skip_consent: true
`

// asker asks a running stack why, as the command does, and finds requests in its log.
type asker struct {
	*Stack
	door *control.Client
	// before are those that were asked for already, by path.
	before map[string]string
	// answers are what whoever asked has, by the id of the request.
	answers *answers
}

// last returns the id of the newest request to a path, or to one below it where the path ends with a slash, whose
// line is there.
func (a asker) last(t *testing.T, path string) string {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if id := a.newest(path); id != "" && id != a.before[path] {
			a.before[path] = id
			return id
		}
	}
	t.Fatalf("no new request to %s is in the log", path)
	return ""
}

func (a asker) newest(path string) string {
	for _, line := range slices.Backward(strings.Split(a.Log.String(), "\n")) {
		var entry struct{ Msg, Path, Request_id string } //nolint:revive // as it is in the log
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "request" && (entry.Path == path || strings.HasSuffix(path, "/") && strings.HasPrefix(entry.Path, path)) {
			return entry.Request_id
		}
	}
	return ""
}

// why asks for a request until the answer is the wanted one: its own lines are written after the answer.
func (a asker) why(t *testing.T, id, want string) (got why.Answer) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if got = a.ask(t, id); got.Cause == want && got.Outcome != why.OutcomeUnknown {
			break
		}
	}
	return got
}

// ask asks once.
func (a asker) ask(t *testing.T, id string) why.Answer {
	t.Helper()
	var answer stack.Remembered
	if err := a.door.Call(t.Context(), http.MethodGet, "/why?id="+url.QueryEscape(id), nil, &answer); err != nil {
		t.Fatal(err)
	}
	var lines []why.Line
	for _, raw := range answer.Lines {
		if l, ok := why.Parse(raw); ok {
			lines = append(lines, l)
		}
	}
	return why.Explain(why.NewTale(id, lines, nil))
}

// send sends a request under an id of its own, with the fields as a form unless they are nil.
func (a asker) send(t *testing.T, id, method, address string, fields url.Values, change func(*http.Request)) string {
	t.Helper()
	body := io.Reader(http.NoBody)
	if fields != nil {
		body = strings.NewReader(fields.Encode())
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Request-Id", id)
	if fields != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if change != nil {
		change(req)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a.answers.keep(id, asAnswered{req.URL.Path, res.StatusCode, res.Header, string(raw)})
	return id
}

func html(r *http.Request) { r.Header.Set("Accept", "text/html") }

// TestWhy makes what goes wrong for people happen, and asks why.
func TestWhy(t *testing.T) {
	folder := t.TempDir()
	s := Start(t, orStandIn(t), Set("data_dir", folder), Set("dynamic_registration.enabled", "true"), Set("dynamic_registration.per_hour", "1"),
		withFiles(t, map[string]string{"clients": whyFile, "dynamic_registration_hosts": "[app.invalid]\n"}))
	door, err := control.Dial(folder)
	if err != nil {
		t.Fatal(err)
	}
	a := asker{s, door, map[string]string{}, &answers{by: map[string]asAnswered{}}}
	adaHome := atHome(t, s, "ada@example.com")
	adaID := s.Whoami(t, adaHome).Identity.ID
	token := func(id string, fields url.Values, client, secret string) string {
		return a.send(t, id, http.MethodPost, s.URLs.Hydra+"/oauth2/token", fields, func(r *http.Request) {
			if secret != "" {
				r.SetBasicAuth(client, secret)
			}
		})
	}
	codeFor := func(client string, more ...string) string {
		b := a.browser(t)
		b.Open(s.Begin(client, append([]string{"scope", "openid email offline_access"}, more...)...))
		b.signIn("ada@example.com")
		if b.URL.Query().Get("code") == "" {
			t.Fatalf("got no code at %s", b.URL)
		}
		return b.URL.Query().Get("code")
	}
	redeeming := func(code string, more ...string) url.Values {
		v := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {"https://" + AppHost + "/callback"}}
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	register := func(id, body string) string {
		return a.send(t, id, http.MethodPost, s.URLs.Hydra+"/oauth2/register", nil, func(r *http.Request) {
			r.Header.Set("Content-Type", "application/json")
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		})
	}
	const verifier = "a-verifier-that-is-long-enough-for-the-rules-of-rfc-7636"
	for _, tt := range []struct {
		name string
		// do makes it happen and returns the id of the request that somebody would ask for.
		do         func(t *testing.T) string
		want       string
		says, cure []string
	}{
		{
			"a wrong password on the way to an application", func(t *testing.T) string {
				b := a.browser(t)
				b.Open(s.Begin("notes"))
				b.Submit(selfService, map[string]string{"identifier": "ada@example.com", "password": "not-the-password", "method": "password"})
				return a.last(t, "/self-service/login")
			}, "wrong_password", []string{adaID, "notes", "password was wrong"}, []string{"identity recovery-link " + adaID},
		},
		{
			"a password for an account that there is not", func(t *testing.T) string {
				b := a.browser(t)
				b.Open(s.URLs.UI + "/login")
				b.Submit(selfService, map[string]string{"identifier": "nobody@example.com", "password": "not-the-password", "method": "password"})
				return a.last(t, "/self-service/login")
			}, "wrong_password", []string{"no account has the name"}, []string{"identity list"},
		},
		{
			"a redirect address that is not registered", func(t *testing.T) string {
				a.browser(t).Open(s.Begin("notes", "redirect_uri", "https://elsewhere.example.com/callback"))
				return a.last(t, "/error")
			}, "redirect_uri_unknown", []string{"The application notes", "redirect_uri"}, []string{"client explain notes --redirect-uri"},
		},
		{
			"an application that is not registered", func(t *testing.T) string {
				a.browser(t).Open(s.Begin("nobody"))
				return a.last(t, "/oauth2/auth")
			}, "unknown_client", []string{"The application nobody is not registered"}, []string{"client list"},
		},
		{
			"a scope that is not registered", func(t *testing.T) string {
				a.browser(t).Open(s.Begin("notes", "scope", "openid payments"))
				return a.last(t, "/oauth2/auth")
			}, "invalid_scope", []string{"The application notes", "payments"}, []string{"client explain notes --scope"},
		},
		{
			"a state that is too short", func(t *testing.T) string {
				a.browser(t).Open(s.Begin("notes", "state", "x"))
				return a.last(t, "/oauth2/auth")
			}, "state_missing", []string{"state"}, nil,
		},
		{
			"consent that is refused", func(t *testing.T) string {
				b := a.browser(t)
				b.Open(s.Begin("notes"))
				b.signIn("ada@example.com")
				b.Submit("main form", map[string]string{"action": "deny"})
				return a.last(t, "/consent")
			}, "consent_refused", []string{adaID, "the application notes"}, nil,
		},
		{
			"a form without the cookie of its page", func(t *testing.T) string {
				b := a.browser(t)
				b.Open(s.Begin("notes"))
				f := b.Page.FormWith(selfService, "password")
				a.browser(t).send(http.MethodPost, f.Action, f.Fields)
				return a.last(t, "/self-service/login")
			}, "cookie_missing", []string{"cookie"}, []string{"doctor"},
		},
		{
			"a consent form of another browser", func(t *testing.T) string {
				b := a.browser(t)
				b.Open(s.Begin("notes"))
				b.signIn("ada@example.com")
				f := b.Page.FormWith("main form")
				return a.send(t, "why-consent-elsewhere", http.MethodPost, s.URLs.UI+"/consent", f.Fields, nil)
			}, "cookie_missing", []string{"the application notes"}, nil,
		},
		{
			"a login challenge that is none", func(t *testing.T) string {
				a.browser(t).Open(s.URLs.UI + "/login?login_challenge=" + strings.Repeat("a", 64))
				return a.last(t, "/login")
			}, "page_expired", nil, []string{"begin again"},
		},
		{
			"a wrong secret", func(t *testing.T) string {
				return token("why-secret", redeeming("ory_ac_x.y"), "notes", "not-the-secret-of-notes")
			}, "client_not_proved", []string{"The application notes"}, []string{"client get notes"},
		},
		{
			"a code that is redeemed twice", func(t *testing.T) string {
				code := codeFor("vault")
				token("why-first", redeeming(code), "vault", "vault-secret-vault-secret")
				return token("why-code-twice", redeeming(code), "vault", "vault-secret-vault-secret")
			}, "code_reused", []string{"The application vault", "twice"}, nil,
		},
		{
			"a refresh token that is used twice", func(t *testing.T) string {
				first := redeemCode(t, s, codeFor("vault"))
				refresh(t, s, first.Refresh)
				return token("why-refresh-twice", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.Refresh}}, "vault", "vault-secret-vault-secret")
			}, "refresh_reused", []string{"The application vault"}, []string{"refresh_grace"},
		},
		{
			"a wrong verifier", func(t *testing.T) string {
				code := codeFor("vault", "code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method", "S256")
				return token("why-verifier", redeeming(code, "code_verifier", verifier), "vault", "vault-secret-vault-secret")
			}, "pkce_failed", []string{"The application vault"}, nil,
		},
		{
			"nobody is signed in and no page may be shown", func(t *testing.T) string {
				a.browser(t).Open(s.Begin("ours", "prompt", "none"))
				return a.last(t, "/oauth2/auth")
			}, "nobody_signed_in", nil, nil,
		},
		{
			"a session that is none", func(t *testing.T) string {
				return a.send(t, "why-session", http.MethodGet, s.URLs.Kratos+"/sessions/whoami", nil, nil)
			}, "session_ended", nil, nil,
		},
		{
			"an error page, as a browser asks for it", func(t *testing.T) string {
				return a.send(t, "why-page", http.MethodGet, s.URLs.UI+"/error?error=invalid_scope&error_description=x", nil, html)
			}, "invalid_scope", nil, nil,
		},
		{
			"a page that there is not", func(t *testing.T) string {
				return a.send(t, "why-nowhere", http.MethodGet, s.URLs.UI+"/nowhere", nil, html)
			}, "nothing_there", nil, nil,
		},
		{
			"a body that is too long for a page", func(t *testing.T) string {
				return a.send(t, "why-body-page", http.MethodPost, s.URLs.UI+"/consent", url.Values{"x": {strings.Repeat("x", 70_000)}}, html)
			}, "body_too_large", nil, nil,
		},
		{
			"a body that is too long", func(t *testing.T) string {
				return a.send(t, "why-body", http.MethodPost, s.URLs.UI+"/consent", url.Values{"x": {strings.Repeat("x", 70_000)}}, nil)
			}, "body_too_large", nil, nil,
		},
		{
			"a page that calls the admin API", func(t *testing.T) string {
				return a.send(t, "why-admin-page", http.MethodDelete, s.URLs.HydraAdmin+"/admin/clients/notes", nil, func(r *http.Request) {
					r.Header.Set("Origin", "https://evil.example.com")
					r.Header.Set("Sec-Fetch-Site", "cross-site")
				})
			}, "admin_from_page", nil, nil,
		},
		{
			"a preflight for a page of nobody", func(t *testing.T) string {
				return a.send(t, "why-preflight", http.MethodOptions, s.URLs.Hydra+"/oauth2/token", nil, func(r *http.Request) {
					r.Header.Set("Origin", "https://stranger.example.com")
					r.Header.Set("Access-Control-Request-Method", "POST")
				})
			}, "origin_not_allowed", nil, []string{"client explain", "--origin"},
		},
		{
			"forward-auth that no trusted proxy asks", func(t *testing.T) string {
				return a.send(t, "why-proxy", http.MethodGet, s.URLs.UI+"/forward-auth", nil, nil)
			}, "proxy_not_trusted", nil, []string{"proxy.trusted"},
		},
		{
			"an application that registers an address of somebody else", func(*testing.T) string {
				return register("why-register-host", `{"redirect_uris":["https://elsewhere.example.com/cb"]}`)
			}, "registration_address", nil, []string{"dynamic_registration.hosts"},
		},
		{
			"an application that registers a secret of its own", func(*testing.T) string {
				return register("why-register-field", `{"redirect_uris":["https://app.invalid/cb"],"client_secret":"chosen-by-itself"}`)
			}, "registration_refused", nil, nil,
		},
		{
			"one application too many that registers itself", func(*testing.T) string {
				register("why-register-first", `{"redirect_uris":["https://app.invalid/cb"]}`)
				return register("why-register-more", `{"redirect_uris":["https://app.invalid/cb"]}`)
			}, "registration_limited", nil, nil,
		},
		{
			"an access token that is none", func(t *testing.T) string {
				return a.send(t, "why-userinfo", http.MethodGet, s.URLs.Hydra+"/userinfo", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x.y") })
			}, "token_ended", nil, nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := tt.do(t)
			got := a.why(t, id, tt.want)
			a.agrees(t, id, got)
			t.Logf("%s\n  %s\n  %s", got.Cause, got.Sentence, got.Cure)
			if got.Cause != tt.want {
				raw, _ := json.MarshalIndent(got, "", " ")
				t.Errorf("got %q, want %q: %s", got.Cause, tt.want, raw)
			}
			for _, word := range tt.says {
				if !strings.Contains(got.Sentence, word) {
					t.Errorf("got %q, want %q in it", got.Sentence, word)
				}
			}
			for _, word := range tt.cure {
				if !strings.Contains(got.Cure, word) {
					t.Errorf("got %q, want %q in it", got.Cure, word)
				}
			}
		})
	}
}
