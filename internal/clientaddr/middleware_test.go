package clientaddr_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/clientaddr"
)

// seen is what is behind the middleware.
func seen(c *clientaddr.Clients, scheme, remote string, h http.Header) (*http.Request, netip.Addr) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr, r.Header = remote, h
	var got *http.Request
	c.Middleware(scheme)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r })).ServeHTTP(httptest.NewRecorder(), r)
	return got, clientaddr.From(got.Context())
}

func TestNothingThatAClientClaimsOfItselfIsLeft(t *testing.T) {
	claims := []string{
		"True-Client-IP: 6.6.6.6", "Cf-Connecting-IP: 6.6.6.6", "Cf-Connecting-Ipv6: 6::6", "X-Real-IP: 6.6.6.6", "X-Forwarded-For: 6.6.6.6", "Forwarded: for=6.6.6.6",
		"X-Forwarded-Host: evil.example", "X-Forwarded-Proto: javascript", "X-Forwarded-Port: 1", "X-Forwarded-Prefix: /evil",
		"Cf-Ipcity: Nowhere", "Cf-Ipcountry: XX", "Cf-Region-Code: X", "Fly-Client-Ip: 6.6.6.6", "Accept: text/html",
	}
	rewritten := http.Header{
		"True-Client-Ip": {"192.0.2.7"}, "X-Real-Ip": {"192.0.2.7"}, "X-Forwarded-For": {"192.0.2.7"},
		"X-Forwarded-Proto": {"https"}, "Accept": {"text/html"},
	}
	for name, tt := range map[string]struct {
		cfg    clientaddr.Config
		remote string
		scheme string
		want   http.Header
		wantAt string
	}{
		"a connection of its own": {
			cfg: clientaddr.Config{Header: "Fly-Client-IP"}, remote: "192.0.2.7:99", scheme: "https", want: rewritten, wantAt: "192.0.2.7:0",
		},
		"a place is taken from Cloudflare": {
			cfg:    clientaddr.Config{Header: "CF-Connecting-IP", Trusted: networks(t, "192.0.2.7/32")},
			remote: "192.0.2.7:99",
			want: http.Header{
				"True-Client-Ip": {"6.6.6.6"}, "X-Real-Ip": {"6.6.6.6"}, "X-Forwarded-For": {"6.6.6.6"}, "Accept": {"text/html"},
				"Cf-Ipcity": {"Nowhere"}, "Cf-Ipcountry": {"XX"}, "Cf-Region-Code": {"X"}, "Fly-Client-Ip": {"6.6.6.6"},
			},
			wantAt: "6.6.6.6:0",
		},
		"a socket without a proxy": {
			cfg: clientaddr.Config{Header: "Fly-Client-IP"}, remote: "@", scheme: "https",
			want: http.Header{"X-Forwarded-Proto": {"https"}, "Accept": {"text/html"}}, wantAt: "@",
		},
	} {
		t.Run(name, func(t *testing.T) {
			given := header(claims...)
			got, _ := seen(clientaddr.New(tt.cfg), tt.scheme, tt.remote, given)
			if diff := cmp.Diff(tt.want, got.Header); diff != "" {
				t.Errorf("headers differ (-want +got):\n%s", diff)
			}
			if got.RemoteAddr != tt.wantAt {
				t.Errorf("got RemoteAddr %q, want %q", got.RemoteAddr, tt.wantAt)
			}
			if diff := cmp.Diff(header(claims...), given); diff != "" {
				t.Errorf("the request that came was changed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheAddressIsInTheContext(t *testing.T) {
	_, got := seen(clientaddr.New(clientaddr.Config{}), "", "[2001:db8::1%eth0]:99", http.Header{})
	if want := netip.MustParseAddr("2001:db8::1"); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	carried := clientaddr.With(context.Background(), got)
	if clientaddr.From(carried) != got {
		t.Errorf("got %v, want %v", clientaddr.From(carried), got)
	}
	if got := clientaddr.From(context.Background()); got.IsValid() {
		t.Errorf("outside of requests: got %v, want none", got)
	}
}
