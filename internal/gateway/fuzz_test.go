package gateway_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"

	"github.com/julienschmidt/httprouter"

	"example.com/identityd/internal/gateway"
)

// FuzzNoPathIsReadTwoWays sends whatever the server of net/http takes for a request, and holds that the
// part which gets it, and every router behind it, read the same path as the gateway did.
func FuzzNoPathIsReadTwoWays(f *testing.F) {
	for _, seed := range []string{
		"/", "/oauth2/auth", "//self-service", "/x/../self-service", "/self-service%2Flogin", "/%2e%2e/admin", "/.well-known/ory/../x",
		"/sessions/", "/schemas//", "/a/.", "*", "http://id.test/oauth2", "/\\..\\self-service", "/oauth2%00", "/self-service;/x", "/%2f/oauth2/..%2fadmin",
	} {
		f.Add(seed)
	}
	table := map[string]gateway.Part{}
	for _, route := range gateway.Table() {
		table[route.Prefix] = route.Part
	}
	// belongs reads the table in the slow way: every prefix, the longest last.
	belongs := func(clean string) gateway.Part {
		part, longest := gateway.Pages, 0
		for prefix, p := range table {
			if (clean == prefix || strings.HasPrefix(clean, prefix+"/")) && len(prefix) > longest {
				part, longest = p, len(prefix)
			}
		}
		return part
	}
	f.Fuzz(func(t *testing.T, target string) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET " + target + " HTTP/1.1\r\nHost: id.test\r\n\r\n")))
		if err != nil {
			t.Skip("no request")
		}
		var (
			part gateway.Part
			got  *http.Request
		)
		is := func(p gateway.Part) http.Handler {
			return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { part, got = p, r })
		}
		gateway.New(is(gateway.Hydra), is(gateway.Kratos), is(gateway.Pages)).ServeHTTP(httptest.NewRecorder(), r)
		if got == nil {
			t.Fatal("nobody got it")
		}
		read := got.URL.Path
		if again := httprouter.CleanPath(read); again != read {
			t.Errorf("%s gets %q, which a router reads as %q", part, read, again)
		}
		if clean := path.Clean(read); clean != strings.TrimSuffix(read, "/") && read != "/" {
			t.Errorf("%s gets %q, which is not clean", part, read)
		}
		if want := belongs(httprouter.CleanPath(r.URL.Path)); part != want {
			t.Errorf("%q goes to %s, want %s", r.URL.Path, part, want)
		}
		if part != gateway.Pages && got.URL.RawPath != "" {
			t.Errorf("%s gets %q, which can be read in a second way", part, got.URL.RawPath)
		}
	})
}
