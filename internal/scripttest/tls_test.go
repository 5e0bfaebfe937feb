package scripttest

import (
	"crypto/tls"
	"net/http"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/identityd/internal/certs/certtest"
)

// certificate cert-file key-file host... makes a pair that the script's browser trusts, and it alone.
func (b *bench) certificate(ts *testscript.TestScript, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: certificate cert-file key-file host...")
	}
	if b.authority == nil {
		b.authority = certtest.NewAuthority(b.tb)
		b.browser.Transport = &http.Transport{
			ForceAttemptHTTP2: true,
			TLSClientConfig:   &tls.Config{RootCAs: b.authority.Pool(), MinVersion: tls.VersionTLS12},
		}
	}
	pair := b.authority.Issue(b.tb, time.Now().AddDate(0, 3, 0), args[2:]...)
	ts.Check(os.WriteFile(ts.MkAbs("authority.pem"), b.authority.PEM, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), pair.Cert, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), pair.Key, 0o600))
}
