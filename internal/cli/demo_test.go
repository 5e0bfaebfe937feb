package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestDemoSaysWhatIsWrong(t *testing.T) {
	empty := httptest.NewServer(http.NotFoundHandler())
	defer empty.Close()
	const closed = "http://127.0.0.1:1" // a port that was free a moment ago may be somebody else's
	for name, tt := range map[string]struct {
		args   []string
		stderr string
		code   int
	}{
		"without a stack":         {[]string{"--issuer", closed}, "start the stack first, with identityd serve", 1},
		"at something else":       {[]string{"--issuer", empty.URL}, "not as an OpenID Connect provider", 1},
		"at a provider elsewhere": {[]string{"--issuer", "https://id.example.com"}, "--client-id", 2},
		"with an open address":    {[]string{"--listen", ":::"}, "--listen wants host:port", 2},
		"with an unknown level":   {[]string{"--log-level", "loud"}, "loud", 2},
		"with an argument":        {[]string{"now"}, "unknown command", 2},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"demo", "--listen", "127.0.0.1:0"}, tt.args...)
			code, stdout, stderr := outcome(args...)
			if code != tt.code || stdout != "" || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("got %d, %q, %q; want %d, nothing, %q", code, stdout, stderr, tt.code, tt.stderr)
			}
		})
	}
}
