package stack

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"example.com/identityd/internal/clientaddr"
	"example.com/identityd/internal/forwardauth"
)

// TestOnlyProxiesThatAreTrustedAsk sends what a proxy sends from an address that is one, and from others.
func TestOnlyProxiesThatAreTrustedAsk(t *testing.T) {
	s := &Stack{
		log:     slog.New(slog.DiscardHandler),
		clients: clientaddr.New(clientaddr.Config{Trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}}),
	}
	for from, want := range map[string]bool{"192.0.2.1:4711": true, "192.0.2.2:4711": false, "127.0.0.1:4711": false, "@": false} {
		got := false
		h := s.proxyAsks(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, got = forwardauth.From(r.Context()) }))
		r := httptest.NewRequest(http.MethodGet, forwardauth.Path, nil)
		r.RemoteAddr = from
		r.Header.Set("X-Original-URL", "https://app.example.com/")
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got != want {
			t.Errorf("%s: got %t, want %t", from, got, want)
		}
	}
}
