package stacktest

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
)

// door is a way to go on, made before access ends. What it returns tries it afterwards, and says what came of it:
// empty for nothing.
type door struct {
	name string
	make func(t *testing.T, s *Stack, email string) (try func() string)
	// mail says that it waits for one.
	mail bool
	// password says that who knows the password may pass, unless the person is inactive or gone.
	password bool
	// own says that who it belongs to may pass while they are active, whatever becomes of the password.
	own bool
}

// signedIn says whether a browser is signed in anywhere.
func signedIn(s *Stack, b *Browser) string {
	if got := b.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusUnauthorized {
		return "whoami answered " + strconv.Itoa(got)
	}
	return ""
}

// gotTokens says whether what a browser brought to vault is good for tokens.
func gotTokens(t *testing.T, s *Stack, b *Browser) string {
	t.Helper()
	if code := b.URL.Query().Get("code"); code != "" {
		if got := redeemCode(t, s, code); got.Access != "" {
			return "the code became tokens"
		} else if got.Error != "invalid_grant" {
			return "the code got " + got.Error + " " + strconv.Itoa(got.Status)
		}
	}
	said := b.URL.Query().Get("error")
	if in, err := url.ParseQuery(b.URL.Fragment); err == nil && b.URL.Fragment != "" {
		said = in.Get("error")
		if in.Has("access_token") || in.Has("id_token") {
			return "the fragment brought tokens"
		}
	}
	if b.URL.Hostname() == AppHost && said != "" && said != "login_required" && said != "access_denied" {
		return "the application is told " + said
	}
	if b.Status >= http.StatusInternalServerError {
		return "answered " + strconv.Itoa(b.Status) + " at " + b.URL.Path
	}
	return ""
}

func doors() []door {
	return []door{
		{name: "a session's cookie", make: func(t *testing.T, s *Stack, email string) func() string {
			b := NewBrowser(t)
			signIn(b, s, email)
			return func() string { return signedIn(s, b) }
		}},
		{name: "a session's token", make: func(t *testing.T, s *Stack, email string) func() string {
			token := answerFlow(t, s, nativeFlow(t, s, "/self-service/login/api", ""), "", map[string]any{
				"method": "password", "identifier": email, "password": password,
			}).Token
			return func() string {
				status, _ := fetch(t, http.DefaultClient, http.MethodGet, s.URLs.Kratos+"/sessions/whoami", "", "X-Session-Token: "+token)
				if status != http.StatusUnauthorized {
					return "whoami answered " + strconv.Itoa(status)
				}
				return ""
			}
		}},
		{name: "a remembered sign-in, consent and tokens", make: func(t *testing.T, s *Stack, email string) func() string {
			b := toVault(t, s, email)
			b.Submit("form", map[string]string{"action": "allow", "remember": "true"})
			tokens := redeemCode(t, s, b.URL.Query().Get("code"))
			if tokens.Refresh == "" || !introspects(t, s, tokens.Access) || !introspects(t, s, tokens.Refresh) {
				t.Fatalf("got %+v, want tokens that work", tokens)
			}
			return func() string {
				if got := refresh(t, s, tokens.Refresh); got.Error != "invalid_grant" {
					return "refreshing got " + got.Error + " " + strconv.Itoa(got.Status)
				}
				if introspects(t, s, tokens.Access) || introspects(t, s, tokens.Refresh) {
					return "a token is active"
				}
				status, _ := fetch(t, http.DefaultClient, http.MethodGet, s.URLs.Hydra+"/userinfo", "", "Authorization: Bearer "+tokens.Access)
				if status != http.StatusUnauthorized {
					return "userinfo answered " + strconv.Itoa(status)
				}
				b.Open(vaultAsks(s, "prompt", "none"))
				if got := b.URL.Query().Get("error"); got != "login_required" {
					return "prompt=none got " + b.URL.String()
				}
				b.Open(vaultAsks(s))
				return gotTokens(t, s, b)
			}
		}},
		{name: "a code under way", make: func(t *testing.T, s *Stack, email string) func() string {
			b := toVault(t, s, email)
			b.Submit("form", map[string]string{"action": "allow"})
			return func() string { return gotTokens(t, s, b) }
		}},
		{name: "an accepted login that was held back", make: func(t *testing.T, s *Stack, email string) func() string {
			b := NewBrowser(t)
			b.Open(vaultAsks(s))
			kept := holdBack(b, "login_verifier")
			b.Submit("form", map[string]string{"identifier": email, "password": password, "method": "password"})
			to := kept()
			return func() string {
				b.Open(to)
				if b.Page != nil && b.URL.Path == "/consent" {
					return "it leads to the consent page"
				}
				return gotTokens(t, s, b)
			}
		}},
		{name: "an accepted consent that was held back", make: func(t *testing.T, s *Stack, email string) func() string {
			b := toVault(t, s, email)
			kept := holdBack(b, "consent_verifier")
			b.Submit("form", map[string]string{"action": "allow"})
			to := kept()
			return func() string { b.Open(to); return gotTokens(t, s, b) }
		}},
		{name: "the same for tokens without a code", make: func(t *testing.T, s *Stack, email string) func() string {
			b := toVault(t, s, email, "response_type", "id_token token", "scope", "openid email")
			kept := holdBack(b, "consent_verifier")
			b.Submit("form", map[string]string{"action": "allow"})
			to := kept()
			return func() string { b.Open(to); return gotTokens(t, s, b) }
		}},
		{name: "a consent page that is open", make: func(t *testing.T, s *Stack, email string) func() string {
			b := toVault(t, s, email)
			return func() string {
				b.Submit("form", map[string]string{"action": "allow"})
				return gotTokens(t, s, b)
			}
		}},
		{name: "a code of a recovery", mail: true, make: func(t *testing.T, s *Stack, email string) func() string {
			b := NewBrowser(t)
			b.Open(s.URLs.UI + "/recovery")
			b.answer(s, map[string]string{"email": email, "method": "code"})
			code, _ := mailed(t, s, email)
			later := b.later(s)
			return func() string {
				later(map[string]string{"code": code, "method": "code"})
				return signedIn(s, b)
			}
		}},
		{name: "a link of an administrator", make: func(t *testing.T, s *Stack, email string) func() string {
			var people []struct{ ID string }
			call(t, http.MethodGet, s.URLs.KratosAdmin+"/admin/identities?credentials_identifier="+url.QueryEscape(email), "", "", nil, &people)
			var made struct {
				Link string `json:"recovery_link"`
				Code string `json:"recovery_code"`
			}
			call(t, http.MethodPost, s.URLs.KratosAdmin+"/admin/recovery/code", "application/json", `{"identity_id":"`+people[0].ID+`"}`, nil, &made)
			b := NewBrowser(t)
			b.Open(made.Link)
			later := b.later(s)
			return func() string {
				later(map[string]string{"code": made.Code, "method": "code"})
				return signedIn(s, b)
			}
		}},
		{name: "the password", password: true, make: func(t *testing.T, s *Stack, email string) func() string {
			return func() string {
				b := NewBrowser(t)
				signIn(b, s, email)
				return signedIn(s, b)
			}
		}},
		{name: "a login page that is open", password: true, make: func(t *testing.T, s *Stack, email string) func() string {
			b := NewBrowser(t)
			b.Open(vaultAsks(s))
			return func() string {
				b.Submit("form", map[string]string{"identifier": email, "password": password, "method": "password"})
				return signedIn(s, b)
			}
		}},
		{name: "a form of settings that is open", make: func(t *testing.T, s *Stack, email string) func() string {
			b := NewBrowser(t)
			signIn(b, s, email)
			b.Open(s.URLs.UI + "/settings")
			later := b.later(s)
			return func() string {
				later(map[string]string{"method": "password", "password": "another-good-phrase-8"})
				if got := signedIn(s, b); got != "" {
					return got
				}
				other := NewBrowser(t)
				other.Open(s.URLs.UI + "/login")
				other.answer(s, map[string]string{"identifier": email, "password": "another-good-phrase-8", "method": "password"})
				return signedIn(s, other)
			}
		}},
	}
}
