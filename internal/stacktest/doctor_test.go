package stacktest

import (
	"context"
	"crypto/x509"
	"net"
	"os"
	"strings"
	"testing"

	"example.com/identityd/internal/doctor"
	"example.com/identityd/internal/stack"
)

// checkDoctor examines a deployment in which all is well: on three names that lead to this machine.
func checkDoctor(t *testing.T, s *Stack, ca Authority) {
	t.Helper()
	raw, err := os.ReadFile(ca.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(raw)
	r := stack.Doctor(t.Context(), s.cfg, nil, s.options, doctor.Options{Net: doctor.Net{
		Roots: roots, Resolver: everyName{},
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		},
	}})
	// The words of the test say nothing of mail, and its applications are programs on this machine.
	expected := map[string]string{"configuration/warnings": "mail.smtp_url: is not set", "clients/stored": "redirect URI http://127.0.0.1:"}
	if StandIn() {
		// It says that it is a CockroachDB, and has the default of PostgreSQL, which is weaker.
		expected["database/server"] = "transactions run at read committed by default"
	}
	looked := map[string]bool{}
	for _, row := range r.Checks {
		switch row.Level {
		case doctor.Fault, doctor.Warning:
			if text := expected[row.Area+"/"+row.Check]; text != "" && strings.Contains(row.Text, text) && row.Level == doctor.Warning {
				looked[row.Area+"/"+row.Check] = true
				continue
			}
			t.Errorf("%s/%s: got %s %s; %s", row.Area, row.Check, row.Level, row.Text, row.Cure)
		case doctor.OK:
			looked[row.Area+"/"+row.Check] = true
		case doctor.Skipped:
			t.Logf("%s/%s: not looked at: %s", row.Area, row.Check, row.Text)
		}
	}
	for _, check := range []string{
		"addresses/urls", "addresses/names", "addresses/issuer", "addresses/listeners", "addresses/proxies", "addresses/installation", "addresses/cors",
		"tls/outside", "sign-in/passkeys", "mail/server", "admin/listeners", "admin/outside", "mail/queue", "clients/stored", "clients/sign-out", "database/answers", "clock/issuer",
	} {
		if !looked[check] {
			t.Errorf("%s was not looked at", check)
		}
	}
}

// everyName is a name server to which every name is this machine.
type everyName struct{}

// LookupHost implements senderdomain.Resolver.
func (everyName) LookupHost(context.Context, string) ([]string, error) {
	return []string{"127.0.0.1"}, nil
}

// LookupTXT implements senderdomain.Resolver.
func (everyName) LookupTXT(_ context.Context, name string) ([]string, error) {
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// LookupMX implements senderdomain.Resolver.
func (everyName) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}
