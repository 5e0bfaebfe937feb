package stacktest

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/tried"
)

// TestHostileInputOnEveryPublicAddress sends what attackers send to everything that is public, to a stack as
// production has it: no answer is a failure of ours, gives anything away, runs, or leads to another site. With
// IDENTITYD_TEST_LONG each parameter is tried alone, and what is odd at the listeners of the engines too.
func TestHostileInputOnEveryPublicAddress(t *testing.T) {
	notOnStandIn(t, onSQLite)
	long := os.Getenv("IDENTITYD_TEST_LONG") != ""
	public := Ports(t, 1)[0]
	ca := NewAuthority(t, uiHost)
	folder := t.TempDir()
	origin := "https://" + net.JoinHostPort(uiHost, strconv.Itoa(public.Addr().(*net.TCPAddr).Port))
	opts := append(inProduction(), withVault(t), Set("origin", origin), Set("listen.gateway", public.Addr().String()), Set("data_dir", folder),
		Set("tls.gateway.cert_file", ca.CertFile), Set("tls.gateway.key_file", ca.KeyFile))
	public.Close()
	s := Start(t, opts...)
	ada(t, s)
	trusted := trusting(t, ca)
	c, err := newCrawler(origin, s.Address("gateway"), folder, trusted)
	if err != nil {
		t.Fatal(err)
	}
	routes := publicRoutes(t)
	var shots, strange []shot
	for _, route := range routes {
		shots = append(shots, hostileShots(route, long)...)
	}
	odd := map[string]bool{}
	for _, route := range routes {
		if _, path, _ := strings.Cut(route, " "); !odd[path] {
			odd[path] = true
			strange = append(strange, oddShots(into(path, "x"))...)
		}
	}
	c.run(t.Context(), append(slices.Clone(shots), strange...), "")
	session := signedInCookie(t, s, trusted)
	inside := shots
	if !long {
		inside = slices.DeleteFunc(slices.Clone(shots), func(s shot) bool {
			return !slices.Contains([]string{"markup", "another site", "a null byte"}, s.what)
		})
	}
	c.run(t.Context(), inside, session)
	c.report(t, "nobody and somebody who is signed in", len(routes), len(shots)+len(strange)+len(inside))
	t.Run("nothing that was sent without a token changed anything", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, origin+"/sessions/whoami", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Cookie", session)
		res, err := c.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		c.client.CloseIdleConnections()
		if res.StatusCode != http.StatusOK {
			t.Errorf("the session is gone: got %d", res.StatusCode)
		}
	})
	t.Run("what no client sends is refused", func(t *testing.T) { rawly(t, s.Address("gateway"), uiHost, trusted) })
	if long {
		t.Run("the engines' own listeners", func(t *testing.T) {
			for _, listener := range []string{"hydra_public", "kratos_public"} {
				c, err := newCrawler("http://"+s.Address(listener), s.Address(listener), folder, nil)
				if err != nil {
					t.Fatal(err)
				}
				c.run(t.Context(), strange, "")
				c.report(t, "nobody, at "+listener, len(routes), len(strange))
			}
		})
	}
}

// report fails for each kind of fault, and tells the first few.
func (c *crawler) report(t *testing.T, who string, routes, requests int) {
	t.Helper()
	for kind, list := range c.faults {
		t.Errorf("%s: %d times, among them\n  %s", kind, len(list), strings.Join(list[:min(len(list), 4)], "\n  "))
	}
	var statuses []string
	total := 0
	for _, status := range slices.Sorted(maps.Keys(c.status)) {
		statuses = append(statuses, fmt.Sprintf("%d %d times", status, c.status[status]))
		total += c.status[status]
	}
	if total < requests*9/10 {
		t.Errorf("got %d answers to %d requests", total, requests)
	}
	tried.Report(t, "Hostile values, methods, bodies and headers at every public address, by "+who,
		"%d requests to %d routes: %s; %d kinds of fault; the slowest took %s", total, routes, strings.Join(statuses, ", "), len(c.faults), c.slowest.Round(time.Millisecond))
}

func rawly(t *testing.T, address, host string, config *tls.Config) {
	t.Helper()
	refused := 0
	for name, request := range rawRequests(host) {
		conn, err := tls.Dial("tcp", address, serverNamed(config, host))
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(time.Now().Add(crawlBound)); err != nil {
			t.Fatal(err)
		}
		// The server may refuse before it has read everything.
		_, _ = conn.Write([]byte(request))
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		_ = conn.Close() // hanging up on what was refused
		switch {
		case err != nil: // hung up on
			refused++
		case res.StatusCode >= http.StatusInternalServerError && res.StatusCode != http.StatusNotImplemented && res.StatusCode != http.StatusHTTPVersionNotSupported:
			t.Errorf("%s: got %d", name, res.StatusCode)
		case res.StatusCode >= http.StatusBadRequest:
			refused++
		}
		if res != nil {
			res.Body.Close()
		}
	}
	tried.Report(t, "Requests that break HTTP: two lengths, smuggled ones, null bytes, 80 KiB of header", "%d sent, %d refused or hung up on, none failed", len(rawRequests(host)), refused)
}

func serverNamed(config *tls.Config, name string) *tls.Config {
	own := config.Clone()
	own.ServerName = name
	return own
}

// trusting returns what a client needs to believe the authority, whatever address it dials.
func trusting(t *testing.T, ca Authority) *tls.Config {
	t.Helper()
	raw, err := os.ReadFile(ca.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(raw) {
		t.Fatal("got no certificate")
	}
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// signedInCookie signs ada in and returns the cookies that her browser has then.
func signedInCookie(t *testing.T, s *Stack, config *tls.Config) string {
	t.Helper()
	gateway := s.Address("gateway")
	transport := &http.Transport{
		TLSClientConfig: config,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, gateway)
		},
	}
	defer transport.CloseIdleConnections()
	b := NewBrowser(t)
	b.client.Transport = transport
	b.Open(s.URLs.UI + "/login")
	b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	at, err := url.Parse(s.URLs.UI)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, cookie := range b.client.Jar.Cookies(at) {
		out = append(out, cookie.Name+"="+cookie.Value)
	}
	if b.Status != http.StatusOK || !strings.Contains(strings.Join(out, ";"), "ory_kratos_session") {
		t.Fatalf("got %d at %s with %d cookies, want to be signed in", b.Status, b.URL, len(out))
	}
	return strings.Join(out, "; ")
}

// TestWhatTheCrawlFoundStaysClosed has what TestHostileInputOnEveryPublicAddress found, with its twin that
// finds it again.
func TestWhatTheCrawlFoundStaysClosed(t *testing.T) {
	notOnStandIn(t, onSQLite)
	for name, switched := range map[string][]Option{"as it is": nil, "as upstream has it": {Without("length of states")}} {
		t.Run(name, func(t *testing.T) {
			s := Start(t, switched...)
			want := switched != nil
			if panics, tries := shortStates(t, s); want != (panics > 0) {
				t.Errorf("short states: got %d panics, want some: %v", panics, want)
			} else {
				tried.Report(t, "Coming back from a provider with a state that is too short, "+name, "%d tries, %d panics", tries, panics)
			}
		})
	}
}

func shortStates(t *testing.T, s *Stack) (panics, tries int) {
	t.Helper()
	for _, path := range []string{"/self-service/methods/oidc/callback", "/self-service//methods/oidc/callback/google"} {
		for _, length := range []int{1, 2, 24, 32, 46, 48, 78} {
			tries++
			res := bare(t, http.MethodGet, s.URLs.Kratos+path+"?code=a&state="+strings.Repeat("9", length), "Accept", "text/html")
			if res.status >= http.StatusInternalServerError {
				panics++
			}
		}
	}
	return panics, tries
}
