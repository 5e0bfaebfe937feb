package stacktest

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
)

// TestTheLargestHeaderOfASignIn holds that proxies can take what the steps of a sign-in answer with: nginx reads all
// headers of an answer into one buffer of proxy_buffer_size, 4 KiB unless it is told otherwise, and makes of a larger
// one a failure.
func TestTheLargestHeaderOfASignIn(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t, behindProxies(t)...)
	for name, tt := range map[string]struct {
		groups, bound int
	}{
		"with a few groups it is below nginx's default":            {5, 4 << 10},
		"with the largest claims it is below what the docs advise": {160, 16 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			email := rand.Text() + "@example.com"
			id := member(t, s, email)
			var groups []string
			for range tt.groups {
				groups = append(groups, rand.Text()[:22])
			}
			patch, err := json.Marshal([]any{map[string]any{"op": "add", "path": "/metadata_public", "value": map[string]any{"groups": groups}}})
			if err != nil {
				t.Fatal(err)
			}
			var out map[string]any
			call(t, http.MethodPatch, s.URLs.KratosAdmin+"/admin/identities/"+id, "application/json", string(patch), nil, &out)
			client := rand.Text()
			call(t, http.MethodPost, s.URLs.HydraAdmin+"/admin/clients", "application/json", `{"client_id":"`+client+`","token_endpoint_auth_method":"none",
				"scope":"openid email profile groups","redirect_uris":["https://`+AppHost+`/callback"],"metadata":{}}`, nil, &out)
			b := NewBrowser(t)
			b.behind(map[string]string{"id.example.test": s.Address("gateway")})
			largest, at := 0, ""
			b.Watch(func(res *http.Response) {
				var head bytes.Buffer
				if err := res.Header.Write(&head); err != nil {
					t.Error(err)
				}
				if n := head.Len() + len("HTTP/1.1 303 See Other\r\n\r\n"); n > largest {
					largest, at = n, res.Request.Method+" "+res.Request.URL.Path
				}
			})
			b.Open(s.URLs.Hydra + "/oauth2/auth?" + url.Values{
				"client_id": {client}, "response_type": {"code"}, "scope": {"openid email profile groups"}, "state": {"state-state"},
				"redirect_uri": {"https://" + AppHost + "/callback"}, "code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
			}.Encode())
			b.Submit("form", map[string]string{"identifier": email, "password": password, "method": "password"})
			b.Submit("form", map[string]string{"action": "allow"})
			if b.URL.Host != AppHost || b.URL.Query().Get("code") == "" {
				t.Fatalf("got %s, want the application with a code", b.URL)
			}
			t.Logf("TRIED: a sign-in of somebody in %d groups => the largest header has %d bytes, of %s", tt.groups, largest, at)
			if largest == 0 || largest > tt.bound {
				t.Errorf("the header of %s has %d bytes, want at most %d", at, largest, tt.bound)
			}
		})
	}
}
