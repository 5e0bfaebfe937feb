package stacktest

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/certs/certtest"
	"example.com/identityd/internal/tried"
)

// TestACertificateExpires lets one expire that is being served, puts a broken one in its place, and then a
// good one, without a restart.
func TestACertificateExpires(t *testing.T) {
	notOnStandIn(t, onSQLite)
	a, dir := certtest.NewAuthority(t), t.TempDir()
	cert, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	put := func(file string, content []byte) {
		t.Helper()
		if err := os.WriteFile(file+".new", content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	issue := func(life time.Duration) certtest.Pair { return a.Issue(t, time.Now().Add(life), "localhost") }
	first := issue(30 * 24 * time.Hour)
	put(cert, first.Cert)
	put(key, first.Key)
	s := Start(t, Set("tls.kratos_admin.cert_file", cert), Set("tls.kratos_admin.key_file", key), Without("patience with files"))
	// served returns when the certificate of a new connection ends, and whether a browser would take it.
	served := func() (time.Time, bool) {
		t.Helper()
		for _, strict := range []bool{true, false} {
			d := tls.Dialer{Config: &tls.Config{RootCAs: a.Pool(), ServerName: "localhost", InsecureSkipVerify: !strict}} //nolint:gosec // the expired one is what is looked at
			c, err := d.DialContext(t.Context(), "tcp", s.Address("kratos_admin"))
			if err != nil {
				if strict {
					continue
				}
				t.Fatalf("connecting: %v", err)
			}
			c.Close()
			return c.(*tls.Conn).ConnectionState().PeerCertificates[0].NotAfter, strict
		}
		return time.Time{}, false
	}
	number := func(name string) float64 {
		t.Helper()
		n, err := strconv.ParseFloat(metric(t, s, name+`{cert_file="`+cert+`"}`), 64)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return n
	}
	const left, failed = "identityd_tls_certificate_expiry_seconds", "identityd_tls_certificate_reload_failed"
	if n := number(left); n < 29*24*3600 || n > 30*24*3600 {
		t.Errorf("got %s %v, want thirty days", left, n)
	}

	short := issue(3 * time.Second)
	put(cert, short.Cert)
	put(key, short.Key)
	until(t, "the short one is served", func() bool { at, _ := served(); return time.Until(at) < time.Hour })
	until(t, "it is told that it ends soon or has", func() bool { return strings.Contains(s.Log.String(), "browsers will refuse it") })
	until(t, "the metric is below zero", func() bool { return number(left) < 0 })
	expired, good := served()
	if good || time.Now().Before(expired) {
		t.Errorf("got a certificate until %s, taken %t, want the expired one", expired, good)
	}
	overdue := -number(left)

	// A renewal that goes wrong: the key of another.
	put(key, issue(time.Hour).Key)
	until(t, "the broken pair is noticed", func() bool { return number(failed) == 1 })
	if at, _ := served(); !at.Equal(expired) {
		t.Errorf("got a certificate until %s, want the one of before", at)
	}

	next := issue(90 * 24 * time.Hour)
	put(cert, next.Cert)
	put(key, next.Key)
	until(t, "the good pair is served", func() bool { _, ok := served(); return ok })
	if n := number(failed); n != 0 {
		t.Errorf("got %s %v, want 0", failed, n)
	}
	tried.Report(t, "a certificate that expires while it is served, then a pair that does not match, then a good one",
		"the expired one was served on (%.1f s overdue by the metric), the broken pair refused, the good one (%.0f days) served without a restart",
		overdue, number(left)/86400)
}
