package stacktest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const manyFile = `
- id: vault
  name: Vault
  secret: vault-secret-vault-secret
  redirect_uris: ["https://app.invalid/callback", "https://app.invalid/callback?tenant=a&x=1", "com.example.app:/cb"]
  post_logout_redirect_uris: [https://app.invalid/out]
  scope: openid email offline_access
  grant_types: [authorization_code, refresh_token, implicit]
  response_types: [code, id_token]
`

// answerTo is what the client of a browser got: the parameters, wherever they came.
func answerTo(t *testing.T, b *Browser) url.Values {
	t.Helper()
	if b.Page != nil { // a form that carries the answer to the application
		return b.Page.FormWith("form", "state").Fields
	}
	raw := b.URL.RawQuery
	if b.URL.Fragment != "" {
		raw = b.URL.EscapedFragment()
	}
	out, err := url.ParseQuery(raw)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAnAuthorizationResponseNamesItsIssuer holds what applications get, and what they do not, against RFC 9207
// (docs/ory-quirks.md#q236). oauth4webapi and openid-client judge it in TestSDKs.
func TestAnAuthorizationResponseNamesItsIssuer(t *testing.T) {
	s := Start(t, withFiles(t, map[string]string{"clients": manyFile}))
	var found struct {
		Issuer string `json:"issuer"`
		Named  bool   `json:"authorization_response_iss_parameter_supported"`
	}
	readPublic(t, s, "/.well-known/openid-configuration", "", &found)
	if found.Issuer == "" || !found.Named {
		t.Fatalf("got %+v, want an issuer and that responses name it", found)
	}

	const state = "a b+c%20&=/é;\"~"
	at := func(more ...string) string {
		return s.Begin("vault", append([]string{"state", state, "nonce", "nonce-nonce"}, more...)...)
	}
	ada := atHome(t, s, "ada@example.com")
	const ours, theirs = "a redirect of ours", "an answer to the application"
	names := func(b *Browser) {
		b.Watch(func(res *http.Response) {
			to, err := res.Location()
			if err != nil {
				return
			}
			who := ours
			if strings.HasPrefix(to.String(), vaultCallback) {
				who = theirs
			}
			if named := to.Query().Has("iss") || strings.Contains(to.Fragment, "iss="); named != (who == theirs) {
				t.Errorf("%s names an issuer: %t, at %s", who, named, to.Redacted())
			}
		})
	}
	names(ada)
	nobody := NewBrowser(t)
	names(nobody)
	agreed := func(b *Browser) { b.Submit("form", map[string]string{"action": "allow"}) }
	denied := func(b *Browser) { b.Submit("main form", map[string]string{"action": "deny"}) }
	for name, tt := range map[string]struct {
		b    *Browser
		more []string
		then func(*Browser)
		want string // the parameter that has to be there, or its value behind =
	}{
		"a code":                    {ada, nil, agreed, "code"},
		"a code behind a query":     {ada, []string{"redirect_uri", vaultCallback + "?tenant=a&x=1"}, agreed, "code"},
		"a code by fragment":        {ada, []string{"response_mode", "fragment"}, agreed, "code"},
		"a code by form":            {ada, []string{"response_mode", "form_post"}, agreed, "code"},
		"an ID token":               {ada, []string{"response_type", "id_token"}, agreed, "id_token"},
		"a denial":                  {ada, nil, denied, "error=access_denied"},
		"a denial by fragment":      {ada, []string{"response_mode", "fragment"}, denied, "error=access_denied"},
		"a denial by form":          {ada, []string{"response_mode", "form_post"}, denied, "error=access_denied"},
		"nobody":                    {nobody, []string{"prompt", "none"}, nil, "error=login_required"},
		"nobody behind a query":     {nobody, []string{"prompt", "none", "redirect_uri", vaultCallback + "?tenant=a&x=1"}, nil, "error=login_required"},
		"nobody by fragment":        {nobody, []string{"prompt", "none", "response_mode", "fragment"}, nil, "error=login_required"},
		"nobody by form":            {nobody, []string{"prompt", "none", "response_mode", "form_post"}, nil, "error=login_required"},
		"a scope of nobody's":       {nobody, []string{"scope", "openid orders"}, nil, "error=invalid_scope"},
		"a request for an ID token": {nobody, []string{"prompt", "none", "response_type", "id_token"}, nil, "error=login_required"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.b.Open(at(tt.more...))
			if tt.then != nil {
				isAt(t, tt.b, "/consent")
				tt.then(tt.b)
			}
			got := answerTo(t, tt.b)
			if diff := cmp.Diff([][]string{{found.Issuer}, {state}}, [][]string{got["iss"], got["state"]}); diff != "" {
				t.Errorf("iss and state (-want +got):\n%s", diff)
			}
			word, value, valued := strings.Cut(tt.want, "=")
			if got.Get(word) == "" || valued && got.Get(word) != value {
				t.Errorf("got no %s in %s", tt.want, tt.b.URL)
			}
			if strings.HasSuffix(name, "behind a query") && (got.Get("tenant") != "a" || got.Get("x") != "1") {
				t.Errorf("the query of the redirect URI is lost: %s", tt.b.URL)
			}
		})
	}

	t.Run("an application that is opened", func(t *testing.T) {
		got := bare(t, http.MethodGet, at("prompt", "none", "redirect_uri", "com.example.app:/cb")).header.Get("Location")
		query, ok := strings.CutPrefix(got, "com.example.app:/cb?")
		answer, err := url.ParseQuery(query)
		if !ok || err != nil || answer.Get("iss") != found.Issuer || answer.Get("error") != "login_required" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("a redirect URI of nobody's", func(t *testing.T) {
		nobody.Open(at("redirect_uri", "https://"+AppHost+"/elsewhere"))
		isAt(t, nobody, "/error")
		if nobody.URL.Query().Has("iss") {
			t.Errorf("got %s", nobody.URL)
		}
	})
	t.Run("a sign-out", func(t *testing.T) {
		ada.Open(s.URLs.Hydra + "/oauth2/auth?" + authorization("vault"))
		ada.Submit("form", map[string]string{"action": "allow"})
		tokens := tokenOf(t, s, "vault", url.Values{"grant_type": {"authorization_code"}, "code": {ada.URL.Query().Get("code")}, "redirect_uri": {vaultCallback}})
		ada.Open(s.URLs.Hydra + "/oauth2/sessions/logout?" + url.Values{
			"id_token_hint": {tokens.ID}, "post_logout_redirect_uri": {"https://" + AppHost + "/out"}, "state": {"x"},
		}.Encode())
		ada.Submit("form", map[string]string{"action": "yes"})
		if got, want := ada.URL.String(), "https://"+AppHost+"/out?state=x"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
