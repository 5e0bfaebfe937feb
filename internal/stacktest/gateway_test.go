package stacktest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// received is an answer whose body was read.
type received struct {
	status int
	header http.Header
	body   string
}

func (r received) location() string { return r.header.Get("Location") }

// bare sends one request and follows nothing.
func bare(t *testing.T, method, address string, header ...string) received {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return exchange(t, req)
}

func exchange(t *testing.T, req *http.Request) received {
	t.Helper()
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return received{res.StatusCode, res.Header, string(raw)}
}

// TestOneOrigin goes through a development stack as it comes: one address, and the ports beside it.
func TestOneOrigin(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t)
	origin := s.URLs.UI
	if s.URLs.Hydra != origin || s.URLs.Kratos != origin || s.Address("ui") != s.Address("gateway") {
		t.Fatalf("got %+v on %v, want one address", s.URLs, s.addresses)
	}
	t.Run("the ports beside it name the origin", func(t *testing.T) {
		var discovery struct{ Issuer string }
		get(t, "http://"+s.Address("hydra_public")+"/.well-known/openid-configuration", &discovery)
		if discovery.Issuer != origin {
			t.Errorf("got issuer %s, want %s", discovery.Issuer, origin)
		}
		res := bare(t, http.MethodGet, "http://"+s.Address("kratos_public")+"/self-service/login/browser")
		if to := res.location(); !strings.HasPrefix(to, origin+"/login?flow=") {
			t.Errorf("got %d to %s", res.status, to)
		}
	})
	t.Run("a browser that came by an IP address is sent to the name", func(t *testing.T) {
		at := "http://" + s.Address("gateway")
		for path, want := range map[string]string{
			"/login?login_challenge=a": origin + "/login?login_challenge=a",
			"/oauth2/auth?client_id=a": origin + "/oauth2/auth?client_id=a",
		} {
			if res := bare(t, http.MethodGet, at+path, "Accept", "text/html"); res.location() != want {
				t.Errorf("%s: got %d to %s", path, res.status, res.location())
			}
		}
		if res := bare(t, http.MethodGet, at+"/.well-known/openid-configuration"); res.status != http.StatusOK {
			t.Errorf("a program: got %d, want to be served", res.status)
		}
	})
	t.Run("no spelling of a path passes the CSRF check or reaches the admin APIs", func(t *testing.T) {
		res := bare(t, http.MethodGet, origin+"/self-service/login/browser")
		to, err := url.Parse(res.location())
		if err != nil {
			t.Fatal(err)
		}
		flow := "?flow=" + url.QueryEscape(to.Query().Get("flow"))
		for _, path := range []string{
			"/self-service/login", "//self-service/login", "/x/../self-service/login", "/self-service%2Flogin", "/%2e/self-service//login",
		} {
			// Another site's form: it has everything but the token.
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, origin+path+flow,
				strings.NewReader("method=password&identifier=ada%40example.com&password=wrong"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Accept", "application/json")
			res := exchange(t, req)
			if res.status != http.StatusForbidden || !strings.Contains(res.body, "csrf") {
				t.Errorf("POST %s: got %d %s, want to be refused for CSRF", path, res.status, res.body)
			}
		}
		for _, path := range []string{
			"/admin/identities", "/self-service/../admin/identities", "/self-service/%2e%2e/admin/identities", "//admin//identities",
			"/schemas/../identities", "/oauth2/../admin/clients", "/oauth2%2f..%2fadmin/clients",
		} {
			if res := bare(t, http.MethodGet, origin+path); res.status != http.StatusNotFound {
				t.Errorf("GET %s: got %d to %s %s", path, res.status, res.location(), res.body)
			}
		}
	})
	t.Run("each part keeps its headers, and all have a request id", func(t *testing.T) {
		for path, styled := range map[string]bool{"/login": true, "/oauth2/auth": false, "/sessions/whoami": false, "/nothing": true} {
			res := bare(t, http.MethodGet, origin+path)
			got := []bool{strings.Contains(res.header.Get("Content-Security-Policy"), "style-src 'self'"), res.header.Get("X-Request-Id") != "", res.header.Get("X-Frame-Options") == "DENY"}
			if diff := cmp.Diff([]bool{styled, true, true}, got); diff != "" {
				t.Errorf("%s: policy, request id, no frames (-want +got):\n%s", path, diff)
			}
		}
	})
	t.Run("a body that is too large is refused", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, origin+"/oauth2/token", strings.NewReader(strings.Repeat("a", 70<<10)))
		if err != nil {
			t.Fatal(err)
		}
		if res := exchange(t, req); res.status != http.StatusRequestEntityTooLarge {
			t.Errorf("got %d", res.status)
		}
	})
	t.Run("health is that of the process", func(t *testing.T) {
		for _, path := range []string{"/health/alive", "/health/ready"} {
			if got := get(t, origin+path, nil); got != http.StatusOK {
				t.Errorf("%s: got %d", path, got)
			}
		}
	})
	t.Run("log and metrics say which part answered", func(t *testing.T) {
		for part, path := range map[string]string{"hydra": "/oauth2/auth", "kratos": "/sessions/whoami", "ui": "/nothing"} {
			found := false
			for _, line := range s.Log.AccessLines(part) {
				found = found || line["listener"] == "gateway" && line["path"] == path
			}
			if !found {
				t.Errorf("no line of %s for %s", part, path)
			}
		}
		metrics := bare(t, http.MethodGet, s.URLs.Ops+"/metrics").body
		for _, want := range []string{
			`identityd_sql_statements_count{listener="gateway",part="hydra"}`, `identityd_sql_statements_count{listener="kratos_public",part="kratos"}`,
			`identityd_requests_inside{part="ui"}`,
		} {
			if !strings.Contains(metrics, want) {
				t.Errorf("no %s", want)
			}
		}
	})
	s.Journey(t, client, 2)
}

// TestOneOriginOverTLS is production as it is recommended: one name, one port, one certificate.
func TestOneOriginOverTLS(t *testing.T) {
	notOnStandIn(t, onSQLite)
	public := Ports(t, 1)[0]
	ca := NewAuthority(t, uiHost)
	origin := "https://" + net.JoinHostPort(uiHost, strconv.Itoa(public.Addr().(*net.TCPAddr).Port))
	opts := append(inProduction(), withVault(t), Set("origin", origin), Set("listen.gateway", public.Addr().String()),
		Set("listen.hydra_public", "off"), Set("listen.kratos_public", "off"),
		Set("tls.gateway.cert_file", ca.CertFile), Set("tls.gateway.key_file", ca.KeyFile))
	public.Close()
	s := Start(t, opts...)
	report := s.Journey(t, client, 2, "-ca", ca.CAFile, "-connect", "127.0.0.1")
	if diff := cmp.Diff([]string{origin, origin, origin}, []string{s.URLs.UI, s.URLs.Hydra, s.URLs.Kratos}); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	for address := range report.Dialed {
		if at := "http://" + address; at != s.URLs.HydraAdmin && "https://"+address != origin {
			t.Errorf("the client dialed %s, want the origin alone", address)
		}
	}
	checkHostCookies(t, s, ca)
}

// cookieNotes writes down every cookie that a browser is given.
type cookieNotes struct {
	http.RoundTripper
	seen map[string]*http.Cookie
}

// RoundTrip implements http.RoundTripper.
func (n *cookieNotes) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := n.RoundTripper.RoundTrip(r)
	if err == nil {
		for _, c := range res.Cookies() {
			n.seen[c.Name] = c
		}
	}
	return res, err
}

// checkHostCookies signs ada in at an application and looks at every cookie on the way.
func checkHostCookies(t *testing.T, s *Stack, ca Authority) {
	t.Helper()
	raw, err := os.ReadFile(ca.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(raw)
	gateway := s.Address("gateway")
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, gateway)
		},
	}
	defer transport.CloseIdleConnections()
	ada(t, s)
	b := NewBrowser(t)
	notes := &cookieNotes{RoundTripper: transport, seen: map[string]*http.Cookie{}}
	b.client.Transport = notes
	b.Open(s.URLs.Hydra + "/oauth2/auth?" + url.Values{
		"client_id": {"vault"}, "response_type": {"code"}, "scope": {"openid"}, "state": {"state-state"}, "redirect_uri": {vaultCallback},
	}.Encode())
	b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	b.Submit("form", map[string]string{"action": "allow"})
	if b.URL.Query().Get("code") == "" {
		t.Fatalf("got no code at %s", b.URL)
	}
	var names []string
	for name, c := range notes.seen {
		if !c.Secure || !c.HttpOnly || c.Domain != "" || c.Path != "/" {
			t.Errorf("%s: got Secure %v, HttpOnly %v, Domain %q, Path %q", name, c.Secure, c.HttpOnly, c.Domain, c.Path)
		}
		// Two names end with a number of the client, one with a hash of the address.
		if known := regexp.MustCompile(`^(__Host-)?(ory_hydra_(login|consent)_csrf|csrf_token)_`).FindString(name); known != "" {
			name = known
		}
		names = append(names, name)
	}
	slices.Sort(names)
	want := []string{
		"__Host-ory_hydra_consent_csrf_", "__Host-ory_hydra_login_csrf_", "__Host-ory_hydra_session",
		"__Host-ory_kratos_session", "csrf_token_",
	}
	names = slices.DeleteFunc(names, func(n string) bool { return strings.HasPrefix(n, "__Host-identityd_") }) // ours, whichever
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names of cookies (-want +got):\n%s", diff)
	}
}

// TestOneOriginOnASocket puts a proxy in front of a socket; the pages keep a listener of their own.
func TestOneOriginOnASocket(t *testing.T) {
	notOnStandIn(t, onSQLite)
	public := Ports(t, 1)[0]
	folder, err := os.MkdirTemp("", "gateway-*") //nolint:usetesting // the name of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	socket := filepath.Join(folder, "gateway.sock")
	origin := fmt.Sprintf("http://localhost:%d", public.Addr().(*net.TCPAddr).Port)
	s := Start(t, Set("origin", origin), Set("listen.gateway", "unix:"+socket))
	Proxy(t, public, Authority{}, "http://gateway").Through(socket)
	s.Journey(t, client, 1)
	_, port, err := net.SplitHostPort(s.Address("ui"))
	if err != nil {
		t.Fatal(err)
	}
	if res := bare(t, http.MethodGet, "http://localhost:"+port+"/login"); !strings.HasPrefix(res.location(), origin+"/self-service/login/browser") {
		t.Errorf("the pages' own listener sends to %s", res.location())
	}
}
