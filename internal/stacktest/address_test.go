package stacktest

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/tried"
)

// from makes a browser's connections come from another loopback address, with headers that it claims.
func from(t testing.TB, b *Browser, address string, claims map[string]string) {
	t.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, to string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(to)
		if err != nil {
			return nil, err
		}
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
		return d.DialContext(ctx, "tcp4", "127.0.0.1:"+port)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	b.client.Transport = claiming{transport, claims}
}

// claiming adds headers to every request.
type claiming struct {
	to     http.RoundTripper
	claims map[string]string
}

// RoundTrip implements http.RoundTripper.
func (c claiming) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, value := range c.claims {
		r.Header.Set(name, value)
	}
	return c.to.RoundTrip(r)
}

// forged are all the places in which an engine looks for an address, a place, a scheme and a host.
func forged() map[string]string {
	return map[string]string{
		"True-Client-IP": "6.6.6.6", "CF-Connecting-IP": "6.6.6.6", "X-Real-IP": "6.6.6.6", "X-Forwarded-For": "6.6.6.6",
		"Forwarded": "for=6.6.6.6", "CF-IPCity": "Nowhere", "CF-IPCountry": "XX",
		"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "javascript",
	}
}

// kept is where a sign-in leaves the address that it came from.
type kept struct {
	Device string // in session_devices, with the place
	Page   string // on the page of sessions
	Flow   string // where the flow says that it began
}

// signInFrom signs ada in.
func signInFrom(t *testing.T, s *Stack, person, address string, claims map[string]string) kept {
	t.Helper()
	b := NewBrowser(t)
	from(t, b, address, claims)
	var out kept
	var flow struct {
		RequestURL string `json:"request_url"`
	}
	_, raw := b.raw(http.MethodGet, s.URLs.Kratos+"/self-service/login/api", nil)
	if err := json.Unmarshal(raw, &flow); err != nil {
		t.Fatalf("got %s, %v, want a flow", raw, err)
	}
	out.Flow, _, _ = strings.Cut(flow.RequestURL, "/self-service")
	b.Open(s.URLs.UI + "/login")
	b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	if b.URL.Path != "/account/" {
		t.Fatalf("got %s after the sign-in, want the account", b.URL.Redacted())
	}
	b.Open(s.URLs.UI + "/account/sessions")
	out.Page = b.Page.Text(".rows > li:first-child .facts > div:first-child bdi")
	var sessions []struct {
		Devices []struct {
			Address  string `json:"ip_address"`
			Location string `json:"location"`
		} `json:"devices"`
	}
	call(t, http.MethodGet, s.URLs.KratosAdmin+"/admin/identities/"+person+"/sessions?expand=Devices", "", "", nil, &sessions)
	if len(sessions) == 0 || len(sessions[0].Devices) == 0 {
		t.Fatalf("got sessions %+v, want one with a device", sessions)
	}
	out.Device = strings.TrimSpace(sessions[0].Devices[0].Address + " " + sessions[0].Devices[0].Location)
	return out
}

const (
	strangersAddress = "127.0.0.1"
	proxysAddress    = "127.0.0.2"
)

// TestTheAddressOfASessionCannotBeForged signs in with every header in which an engine looks for an address
// (docs/ory-quirks.md#q76, docs/ory-quirks.md#q81).
func TestTheAddressOfASessionCannotBeForged(t *testing.T) {
	s := Start(t, Set("proxy.trusted", proxysAddress))
	person := ada(t, s)

	t.Run("a stranger's claims are worth nothing", func(t *testing.T) {
		got := signInFrom(t, s, person, strangersAddress, forged())
		want := kept{Device: strangersAddress, Page: strangersAddress, Flow: s.URLs.Kratos}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what is kept differs (-want +got):\n%s", diff)
		}
		tried.Report(t, "a sign-in that claims 6.6.6.6 in six headers, and another scheme and host", "kept: %+v", got)
	})
	t.Run("a trusted proxy is believed in one header, as far as it wrote it", func(t *testing.T) {
		claims := forged()
		claims["X-Forwarded-For"] = "6.6.6.6, 192.0.2.7, " + proxysAddress
		got := signInFrom(t, s, person, proxysAddress, claims)
		want := kept{Device: "192.0.2.7", Page: "192.0.2.7", Flow: s.URLs.Kratos}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what is kept differs (-want +got):\n%s", diff)
		}
		lines := s.Log.AccessLines("ui")
		if got := lines[len(lines)-1]["remote_ip"]; got != "192.0.2.7" {
			t.Errorf("the access log has %v, want 192.0.2.7", got)
		}
		tried.Report(t, "the same through a trusted proxy that names 192.0.2.7", "kept: %+v", got)
	})
}

// TestBelievedHeadersForgeTheAddress shows that the test above would notice.
func TestBelievedHeadersForgeTheAddress(t *testing.T) {
	s := Start(t, Without("address of the client"))
	got := signInFrom(t, s, ada(t, s), strangersAddress, forged())
	want := kept{Device: "6.6.6.6 Nowhere, XX", Page: "6.6.6.6", Flow: "javascript://evil.example"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("without the fix what is kept differs (-want +got):\n%s", diff)
	}
}
