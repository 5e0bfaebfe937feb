package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
)

// tlsOutside looks at the encryption as browsers meet it, whoever ends it.
func tlsOutside() Check {
	return Check{
		Area: TLS, Name: "outside", Tells: "browsers get a certificate that they accept, TLS 1.2 or newer, and HSTS", Words: []string{"origin", "urls", "tls"}, Needs: NeedsNetwork,
		Run: func(ctx context.Context, s *Subject) []Finding {
			var out []Finding
			for _, p := range s.places() {
				if p.url.Scheme == "https" {
					out = append(out, s.meetTLS(ctx, p)...)
				}
			}
			if out == nil {
				return []Finding{Okf("no address is https")}
			}
			return out
		},
	}
}

func (s *Subject) meetTLS(ctx context.Context, p public) []Finding {
	state, err := s.Net.dialTLS(ctx, p, nil)
	if err != nil {
		var alert tls.AlertError
		if errors.As(err, &alert) {
			return []Finding{Faultf("%s: %s breaks TLS off: %v", p.word, p.raw, err).Cured("let the proxy, or tls in stack.yaml, have a certificate for %s", p.host())}
		}
		var record tls.RecordHeaderError
		if errors.As(err, &record) {
			return []Finding{Faultf("%s: %s does not speak TLS", p.word, p.raw).Cured("set tls.cert_file and tls.key_file, or let a proxy end TLS there")}
		}
		return []Finding{Skippedf("at %s %s", p.raw, unreached(err))}
	}
	chain := state.PeerCertificates
	out := s.judgeDates(p.word, "the certificate of "+p.raw, chain[0])
	if chain[0].VerifyHostname(p.host()) != nil {
		out = append(out, Faultf("%s: the certificate of %s is for %s", p.word, p.raw, names(chain[0])).
			Cured("get one for %s, or correct where the name leads", p.host()))
	}
	if err := verify(chain, s.Net.Roots, s.now()); err != nil {
		out = append(out, s.judgeStranger(p, chain, err))
	}
	if old, err := s.Net.dialTLS(ctx, p, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }); err == nil {
		out = append(out, Warningf("%s: %s still speaks %s", p.word, p.raw, tls.VersionName(old.Version)).Cured("let the proxy speak TLS 1.2 and newer only"))
	}
	if a, err := s.Net.ask(ctx, http.MethodGet, strings.TrimRight(p.raw, "/")+"/health/alive", nil); err == nil && a.header.Get("Strict-Transport-Security") == "" {
		out = append(out, Warningf("%s: %s sends no Strict-Transport-Security", p.word, p.raw).Cured("let the proxy pass the header on that identityd sends"))
	}
	return out
}

// judgeStranger says why nobody trusts a chain that was sent.
func (s *Subject) judgeStranger(p public, chain []*x509.Certificate, err error) Finding {
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		return Faultf("%s: the certificate of %s is not accepted: %v", p.word, p.raw, err).Cured("get another one")
	}
	last := chain[len(chain)-1]
	own := last.CheckSignatureFrom(last) == nil
	if len(chain) == 1 && !own && len(chain[0].IssuingCertificateURL) > 0 {
		// Only authorities of the web say where their certificate is.
		return Faultf("%s: %s sends its certificate without the one of %q in between, which browsers may know and applications do not", p.word, p.raw, chain[0].Issuer.CommonName).
			Cured("give the server the whole chain (fullchain.pem)")
	}
	return Warningf("%s: nobody that this machine trusts has signed the certificate of %s (%q has)", p.word, p.raw, last.Issuer.CommonName).
		Cured("give the server the whole chain (fullchain.pem); fine for an authority of your own")
}
