package doctor

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/certs/certtest"
)

const day = 24 * time.Hour

// certified is a production whose gateway has a certificate.
func certified(t *testing.T, authority *certtest.Authority, pair certtest.Pair, more string) *Subject {
	t.Helper()
	dir := t.TempDir()
	for name, raw := range map[string][]byte{"cert.pem": pair.Cert, "key.pem": pair.Key} {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := inProduction(t, good+"tls: {cert_file: '"+dir+"/cert.pem', key_file: '"+dir+"/key.pem'}\n"+more)
	s.Net.Roots = authority.Pool()
	return s
}

func TestCertificateFiles(t *testing.T) {
	a, other := certtest.NewAuthority(t), certtest.NewAuthority(t)
	now := time.Now()
	host := "id.example.com"
	chained := func(p certtest.Pair, more ...[]byte) certtest.Pair {
		for _, pem := range more {
			p.Cert = append(append([]byte{}, p.Cert...), pem...)
		}
		return p
	}
	direct := "proxy: {trusted: []}\n"
	for name, tt := range map[string]struct {
		pair certtest.Pair
		more string
		l    Level
		text string
	}{
		"good for a while":                       {a.IssueBetween(t, now.Add(-day), now.Add(80*day), host), direct, OK, "is good until"},
		"one of a week is not late for its life": {a.IssueBetween(t, now.Add(-day), now.Add(5*day), host), direct, OK, "is good until"},
		"expired":                                {a.Issue(t, now.Add(-time.Hour), host), direct, Fault, "tls.cert_file: "},
		"not valid yet":                          {a.IssueBetween(t, now.Add(day), now.Add(80*day), host), direct, Fault, "is not valid before"},
		"a few days left":                        {a.IssueBetween(t, now.Add(-87*day), now.Add(3*day), host), direct, Fault, "expires in 2 days"},
		"weeks left":                             {a.IssueBetween(t, now.Add(-70*day), now.Add(20*day), host), direct, Warning, "expires in 19 days"},
		"for another host":                       {a.IssueBetween(t, now.Add(-day), now.Add(80*day), "id.example.net"), direct, Fault, "is for id.example.net, and browsers ask for id.example.com (origin)"},
		"for another host, behind a proxy":       {a.IssueBetween(t, now.Add(-day), now.Add(80*day), "inside"), "", Warning, "is for inside"},
		"of an authority that nobody trusts":     {other.IssueBetween(t, now.Add(-day), now.Add(80*day), host), direct, Warning, "holds one certificate"},
		"of an authority of one's own, whole":    {chained(other.IssueBetween(t, now.Add(-day), now.Add(80*day), host), other.PEM), direct, Warning, "leads to"},
		"a chain in the wrong order":             {chained(a.IssueBetween(t, now.Add(-day), now.Add(80*day), host), other.PEM), direct, Fault, "has not signed the one before it"},
	} {
		t.Run(name, func(t *testing.T) {
			wants(t, look(t, certified(t, a, tt.pair, tt.more), certificateFiles()), tt.l, tt.text)
		})
	}
	t.Run("a key of another certificate is a fault of the file", func(t *testing.T) {
		pair := a.IssueBetween(t, now.Add(-day), now.Add(80*day), host)
		pair.Key = a.IssueBetween(t, now.Add(-day), now.Add(80*day), host).Key
		s := certified(t, a, pair, direct)
		wants(t, look(t, s, configuration()), Fault, "tls: must be a certificate and its own private key")
		wants(t, look(t, s, certificateFiles()), Skipped, "tls is wrong")
	})
}

func TestExpiredIsAFaultOnceTheClockSaysSo(t *testing.T) {
	a := certtest.NewAuthority(t)
	s := certified(t, a, a.IssueBetween(t, time.Now().Add(-day), time.Now().Add(80*day), "id.example.com"), "")
	s.Host.Now = func() time.Time { return time.Now().Add(81 * day) }
	wants(t, look(t, s, certificateFiles()), Fault, "expired on")
}

func TestACertificateThatIsNotInForce(t *testing.T) {
	a := certtest.NewAuthority(t)
	pair := a.IssueBetween(t, time.Now().Add(-day), time.Now().Add(80*day), "id.example.com")
	s := certified(t, a, pair, "")
	file := s.Config.TLS.CertFile
	sum := sha256.Sum256(pair.TLS(t).Leaf.Raw)
	for name, tt := range map[string]struct {
		c    Certificate
		l    Level
		text string
	}{
		"the same":                  {Certificate{File: file, SHA256: hex.EncodeToString(sum[:])}, OK, "is good until"},
		"one from before":           {Certificate{File: file, SHA256: "other"}, Warning, "serves another certificate"},
		"files that cannot be used": {Certificate{File: file, SHA256: "other", Failing: true}, Fault, "could not use"},
		"another file":              {Certificate{File: "/elsewhere"}, OK, "is good until"},
	} {
		t.Run(name, func(t *testing.T) {
			running(s, "https://id.example.com").Process.Runtime.Certificates = []Certificate{tt.c}
			wants(t, look(t, s, certificateFiles()), tt.l, tt.text)
		})
	}
}

// endingTLS serves by TLS until the test ends.
func endingTLS(t *testing.T, pair certtest.Pair, least uint16, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.TLS = &tls.Config{MinVersion: least, Certificates: []tls.Certificate{pair.TLS(t)}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // those who break off are meant
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func TestTLSOutside(t *testing.T) {
	a, other := certtest.NewAuthority(t), certtest.NewAuthority(t)
	now := time.Now()
	hsts := func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Strict-Transport-Security", "max-age=1") }
	for name, tt := range map[string]struct {
		pair    certtest.Pair
		least   uint16
		handler http.HandlerFunc
		l       Level
		text    string
	}{
		"all is well":            {a.IssueBetween(t, now.Add(-day), now.Add(80*day), "127.0.0.1"), tls.VersionTLS12, hsts, OK, "is good until"},
		"expired":                {a.Issue(t, now.Add(-time.Hour), "127.0.0.1"), tls.VersionTLS12, hsts, Fault, "expired on"},
		"for another host":       {a.IssueBetween(t, now.Add(-day), now.Add(80*day), "id.example.com"), tls.VersionTLS12, hsts, Fault, "is for id.example.com"},
		"nobody trusts it":       {other.IssueBetween(t, now.Add(-day), now.Add(80*day), "127.0.0.1"), tls.VersionTLS12, hsts, Warning, "nobody that this machine trusts"},
		"no HSTS":                {a.IssueBetween(t, now.Add(-day), now.Add(80*day), "127.0.0.1"), tls.VersionTLS12, func(http.ResponseWriter, *http.Request) {}, Warning, "no Strict-Transport-Security"},
		"versions of yesteryear": {a.IssueBetween(t, now.Add(-day), now.Add(80*day), "127.0.0.1"), tls.VersionTLS10, hsts, Warning, "still speaks TLS 1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := running(written(t, "profile: development\n"), endingTLS(t, tt.pair, tt.least, tt.handler))
			s.Net.Roots = a.Pool()
			wants(t, look(t, s, tlsOutside()), tt.l, tt.text)
		})
	}
	t.Run("plain HTTP where TLS should be", func(t *testing.T) {
		address := serving(t, func(http.ResponseWriter, *http.Request) {})
		s := running(written(t, "profile: development\n"), strings.Replace(address, "http://", "https://", 1))
		wants(t, look(t, s, tlsOutside()), Fault, "does not speak TLS")
	})
	t.Run("nobody there", func(t *testing.T) {
		s := running(written(t, "profile: development\n"), "https://"+closedPort(t))
		wants(t, look(t, s, tlsOutside()), Skipped, "nothing listens there")
	})
}

func TestAChainWithoutItsMiddle(t *testing.T) {
	leaf := &x509.Certificate{IssuingCertificateURL: []string{"http://ca.example/ca.crt"}}
	f := (&Subject{}).judgeStranger(public{word: "origin", raw: "https://id.example.com"}, []*x509.Certificate{leaf}, x509.UnknownAuthorityError{})
	if f.Level != Fault || !strings.Contains(f.Text, "in between") || !strings.Contains(f.Cure, "fullchain.pem") {
		t.Errorf("got %+v", f)
	}
}
