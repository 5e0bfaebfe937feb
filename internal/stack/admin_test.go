package stack

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"example.com/identityd/internal/certs/certtest"
	"example.com/identityd/internal/config"
)

// TestCertificatesOfAdminClients shakes hands over real TLS: a certificate of the authority opens, none
// and another's do not, and probes need none.
func TestCertificatesOfAdminClients(t *testing.T) {
	authority, other := certtest.NewAuthority(t), certtest.NewAuthority(t)
	tomorrow := time.Now().Add(24 * time.Hour)
	s := &Stack{log: slog.New(slog.DiscardHandler), doors: doors{clients: authority.Pool()}}
	address, err := config.ParseAddress("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{name: "kratos_admin", admin: true, address: address}
	server := httptest.NewUnstartedServer(s.admin(l)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})))
	server.TLS = s.doors.certify(l, &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{authority.Issue(t, tomorrow, "127.0.0.1").TLS(t)},
	})
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)

	for name, c := range map[string]struct {
		shown []tls.Certificate
		path  string
		want  int // 0: the handshake fails
	}{
		"a certificate of the authority": {[]tls.Certificate{authority.Issue(t, tomorrow, "deployer").TLS(t)}, "/admin/identities", 204},
		"none":                           {nil, "/admin/identities", 401},
		"none, asking for health":        {nil, "/admin/health/ready", 204},
		"one of another authority":       {[]tls.Certificate{other.Issue(t, tomorrow, "deployer").TLS(t)}, "/admin/health/ready", 0},
	} {
		t.Run(name, func(t *testing.T) {
			client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
				MinVersion: tls.VersionTLS12, RootCAs: authority.Pool(),
				// Certificates alone would let crypto/tls leave out what the server would not take.
				GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
					if len(c.shown) == 0 {
						return &tls.Certificate{}, nil
					}
					return &c.shown[0], nil
				},
			}}}
			req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL+c.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := 0
			if res, err := client.Do(req); err == nil {
				got = res.StatusCode
				res.Body.Close()
			}
			if got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
