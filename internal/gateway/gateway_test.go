package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/golden"
)

var update = golden.Flag()

func TestTheTable(t *testing.T) {
	var lines []string
	for _, route := range gateway.Table() {
		lines = append(lines, fmt.Sprintf("%-28s %s", route.Prefix, route.Part))
	}
	golden.JSON(t, *update, "table.json", lines)
}

// asked sends a request line to a gateway and returns which part got it, and what it read there.
func asked(t testing.TB, method, target string) (part gateway.Part, path, escaped string) {
	t.Helper()
	is := func(p gateway.Part) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			part, path, escaped = p, r.URL.Path, r.URL.EscapedPath()
		})
	}
	r, err := http.NewRequestWithContext(t.Context(), method, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := r.URL.String()
	gateway.New(is(gateway.Hydra), is(gateway.Kratos), is(gateway.Pages)).ServeHTTP(httptest.NewRecorder(), r)
	if r.URL.String() != before {
		t.Errorf("the caller's request was changed to %s", r.URL)
	}
	return part, path, escaped
}

func TestEachPathFindsItsPart(t *testing.T) {
	for _, tt := range []struct {
		name, target string
		part         gateway.Part
		path         string
	}{
		{"the root is a page", "/", gateway.Pages, "/"},
		{"an authorization goes to Hydra", "/oauth2/auth?client_id=a", gateway.Hydra, "/oauth2/auth"},
		{"a path of the table itself", "/userinfo", gateway.Hydra, "/userinfo"},
		{"with a slash at its end", "/userinfo/", gateway.Hydra, "/userinfo/"},
		{"whole segments only", "/oauth2x", gateway.Pages, "/oauth2x"},
		{"discovery goes to Hydra", "/.well-known/openid-configuration", gateway.Hydra, "/.well-known/openid-configuration"},
		{"the script of passkeys to Kratos", "/.well-known/ory/webauthn.js", gateway.Kratos, "/.well-known/ory/webauthn.js"},
		{"its neighbor by name to Hydra", "/.well-known/oryx", gateway.Hydra, "/.well-known/oryx"},
		{"forms go to Kratos", "/self-service/login?flow=a", gateway.Kratos, "/self-service/login"},
		{"the admin APIs are nowhere", "/admin/identities", gateway.Pages, "/admin/identities"},
		{"our pages about sessions are ours", "/account/sessions", gateway.Pages, "/account/sessions"},
		{"case matters", "/OAuth2/auth", gateway.Pages, "/OAuth2/auth"},
		{"empty segments are no way around", "//self-service//login", gateway.Kratos, "/self-service/login"},
		{"dots are no way around", "/x/../self-service/./login", gateway.Kratos, "/self-service/login"},
		{"dots lead out of a part", "/self-service/../admin/identities", gateway.Pages, "/admin/identities"},
		{"escaped slashes are read once, here", "/self-service%2Flogin", gateway.Kratos, "/self-service/login"},
		{"and escaped dots", "/self-service/%2e%2e/admin", gateway.Pages, "/admin"},
		{"what is escaped twice is a name", "/%252e%252e/self-service", gateway.Pages, "/%2e%2e/self-service"},
		{"from the root no dots lead further", "/../../oauth2/token", gateway.Hydra, "/oauth2/token"},
		{"parameters of a segment are part of it", "/self-service;a=b/login", gateway.Pages, "/self-service;a=b/login"},
		{"a backslash is a letter", `/\self-service/login`, gateway.Pages, `/\self-service/login`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			part, path, _ := asked(t, http.MethodGet, "http://id.test"+tt.target)
			if diff := cmp.Diff([]string{string(tt.part), tt.path}, []string{string(part), path}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a slash within a name of ours stays escaped", func(t *testing.T) {
		if _, _, escaped := asked(t, http.MethodGet, "http://id.test/account/apps/a%2Fb"); escaped != "/account/apps/a%2Fb" {
			t.Errorf("got %s", escaped)
		}
	})
	t.Run("the method, and what comes after the path, stay", func(t *testing.T) {
		var got string
		h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = r.Method + " " + r.URL.RawQuery + " " + r.Header.Get("Origin") + " " + r.Host
		})
		r := httptest.NewRequest(http.MethodPost, "//self-service/login?flow=a%2Fb", nil)
		r.Header.Set("Origin", "https://id.test")
		r.URL.Path, r.URL.Host = "//self-service/login", ""
		gateway.New(h, h, h).ServeHTTP(httptest.NewRecorder(), r)
		if !strings.HasPrefix(got, "POST flow=a%2Fb https://id.test ") {
			t.Errorf("got %s", got)
		}
	})
}
