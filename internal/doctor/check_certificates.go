package doctor

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// certificateFiles looks at the certificates of the listeners: dates, names, and the chain to an authority.
func certificateFiles() Check {
	return Check{
		Area: TLS, Name: "certificates", Tells: "the certificates of the listeners are good for a while, for the right names, with their whole chain",
		Words: []string{"tls", "listen", "origin", "urls"},
		Run: func(_ context.Context, s *Subject) []Finding {
			var out []Finding
			seen := map[string]bool{}
			for _, name := range []string{"gateway", "ui", "hydra_public", "kratos_public", "hydra_admin", "kratos_admin", "ops"} {
				a, _ := s.listen(name)
				pair := s.Config.TLS.Pair(name)
				if a.Off() || pair.Empty() || name == "ui" && s.Config.Listen.GatewayServesUI() {
					continue
				}
				loaded, err := tls.LoadX509KeyPair(pair.CertFile, pair.KeyFile)
				if err != nil {
					if !seen[pair.CertFile] {
						out = append(out, Faultf("%s: %s and its key cannot be used: %v", s.pairWord(name), pair.CertFile, err).
							Cured("name a certificate and its own key, both PEM"))
					}
					seen[pair.CertFile] = true
					continue
				}
				chain := parsed(loaded.Certificate)
				if !seen[pair.CertFile] {
					seen[pair.CertFile] = true
					out = append(out, s.judgeDates(s.pairWord(name), pair.CertFile, chain[0])...)
					out = append(out, s.judgeChain(s.pairWord(name), pair.CertFile, chain)...)
					out = append(out, s.judgeForce(s.pairWord(name), pair.CertFile, chain[0])...)
				}
				out = append(out, s.judgeName(name, pair.CertFile, chain[0])...)
			}
			if out == nil && len(seen) == 0 {
				return []Finding{Okf("no listener ends TLS")}
			}
			return out
		},
	}
}

// pairWord is where the pair of a listener is written.
func (s *Subject) pairWord(listener string) string {
	t := s.Config.TLS
	if pair := t.Pair(listener); pair.CertFile == t.CertFile && t.CertFile != "" {
		return "tls.cert_file"
	}
	if listener == "gateway" && s.Config.Listen.GatewayServesUI() && t.Gateway == t.UI {
		listener = "ui"
	}
	return "tls." + listener + ".cert_file"
}

func parsed(raw [][]byte) []*x509.Certificate {
	var out []*x509.Certificate
	for _, der := range raw {
		if c, err := x509.ParseCertificate(der); err == nil {
			out = append(out, c)
		}
	}
	return out
}

// The time that a certificate should have left, and the part of its life for one that is made for days: what
// renews itself does so with a third of it left.
const (
	renewSoon = 30 * 24 * time.Hour
	renewNow  = 7 * 24 * time.Hour
)

func (s *Subject) judgeDates(word, what string, leaf *x509.Certificate) []Finding {
	now, life := s.now(), leaf.NotAfter.Sub(leaf.NotBefore)
	left := leaf.NotAfter.Sub(now)
	until := leaf.NotAfter.UTC().Format("2006-01-02 15:04 UTC")
	switch {
	case left < 0:
		return []Finding{Faultf("%s: %s expired on %s: browsers and applications refuse it", word, what, until).Cured("renew it; identityd picks the new files up by itself")}
	case now.Before(leaf.NotBefore):
		return []Finding{Faultf("%s: %s is not valid before %s", word, what, leaf.NotBefore.UTC().Format("2006-01-02 15:04 UTC")).Cured("check the clock of this machine, or renew it")}
	case left < min(renewNow, life/12):
		return []Finding{Faultf("%s: %s expires in %s, on %s", word, what, days(left), until).Cured("renew it now, and look why that did not happen by itself")}
	case left < min(renewSoon, life/4):
		return []Finding{Warningf("%s: %s expires in %s, on %s", word, what, days(left), until).Cured("renew it, or see that what renews it runs")}
	}
	return []Finding{Okf("%s is good until %s", what, until)}
}

func days(d time.Duration) string {
	if d < 48*time.Hour {
		return d.Round(time.Hour).String()
	}
	return fmt.Sprintf("%d days", int(d/(24*time.Hour)))
}

// judgeForce compares a file with what the running process serves of it.
func (s *Subject) judgeForce(word, file string, leaf *x509.Certificate) []Finding {
	if s.Process == nil {
		return nil
	}
	sum := sha256.Sum256(leaf.Raw)
	for _, c := range s.Process.Runtime.Certificates {
		until := c.NotAfter.UTC().Format(time.DateOnly)
		switch {
		case c.File != file:
		case c.Failing:
			return []Finding{Faultf("%s: process %d could not use what was in %s, and serves the certificate before, which is good until %s", word, s.Process.PID, file, until).
				Cured("see its log for the reason, and write both files anew")}
		case c.SHA256 != hex.EncodeToString(sum[:]):
			return []Finding{Warningf("%s: process %d serves another certificate than %s has now, which is good until %s", word, s.Process.PID, file, until).
				Cured("it looks every 30 seconds; if this stays, see its log, or restart it")}
		}
	}
	return nil
}

// judgeName compares a certificate with the host that browsers ask for. Behind a proxy it is the proxy who asks,
// by a name that only its settings know.
func (s *Subject) judgeName(listener, file string, leaf *x509.Certificate) []Finding {
	for _, p := range s.publics() {
		if p.listener != listener && (listener != "gateway" || p.word != "origin") {
			continue
		}
		if leaf.VerifyHostname(p.host()) == nil {
			return nil
		}
		f := Faultf("%s: %s is for %s, and browsers ask for %s (%s)", s.pairWord(listener), file, names(leaf), p.host(), p.word)
		if len(s.Config.Proxy.Trusted) > 0 {
			f.Level = Warning
		}
		return []Finding{f.Cured("get a certificate for %s", p.host())}
	}
	return nil
}

func names(leaf *x509.Certificate) string {
	list := append([]string{}, leaf.DNSNames...)
	for _, ip := range leaf.IPAddresses {
		list = append(list, ip.String())
	}
	if len(list) == 0 {
		return "no name"
	}
	return strings.Join(list, ", ")
}

func (s *Subject) judgeChain(word, file string, chain []*x509.Certificate) []Finding {
	var out []Finding
	leaf := chain[0]
	for i := 1; i < len(chain); i++ {
		if chain[i-1].CheckSignatureFrom(chain[i]) != nil {
			return []Finding{Faultf("%s: in %s, certificate %d has not signed the one before it", word, file, i+1).
				Cured("write the certificate first, then its issuer, and so on up (fullchain.pem)")}
		}
	}
	if key, ok := leaf.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < 2048 {
		out = append(out, Faultf("%s: %s has a key of %d bits", word, file, key.N.BitLen()).Cured("make one of 2048 bits or more, or an ECDSA one"))
	}
	err := verify(chain, s.Net.Roots, s.now())
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		return out
	}
	last := chain[len(chain)-1]
	switch {
	case last.CheckSignatureFrom(last) == nil:
		out = append(out, Warningf("%s: %s leads to %q, which this machine does not trust", word, file, last.Subject.CommonName).
			Cured("fine for an authority of your own, which browsers and applications have to be given"))
	case len(chain) == 1:
		out = append(out, Warningf("%s: %s holds one certificate, and nobody that this machine trusts has signed it (%q has)", word, file, leaf.Issuer.CommonName).
			Cured("write the whole chain into it (fullchain.pem); fine for an authority of your own"))
	default:
		out = append(out, Warningf("%s: the chain in %s ends below %q, which this machine does not trust", word, file, last.Issuer.CommonName).
			Cured("add what is missing (fullchain.pem); fine for an authority of your own"))
	}
	return out
}

// verify looks for a way to an authority. Names are judged elsewhere, and so are dates.
func verify(chain []*x509.Certificate, roots *x509.CertPool, now time.Time) error {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	leaf := chain[0]
	if now.After(leaf.NotAfter) || now.Before(leaf.NotBefore) {
		now = leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	return err
}

// dialTLS makes a connection without judging the certificate.
func (n Net) dialTLS(ctx context.Context, p public, change func(*tls.Config)) (tls.ConnectionState, error) {
	cfg := unverified()
	cfg.ServerName = p.host()
	if change != nil {
		change(cfg)
	}
	conn, err := n.dial(ctx, "tcp", p.addr())
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close()
	secured := tls.Client(conn, cfg)
	if err := secured.HandshakeContext(ctx); err != nil {
		return tls.ConnectionState{}, err
	}
	return secured.ConnectionState(), nil
}
