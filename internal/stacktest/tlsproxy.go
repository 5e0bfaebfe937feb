package stacktest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority is a certificate authority of one test. CAFile is its certificate; CertFile and KeyFile
// are a pair for the names it was made for.
type Authority struct{ CAFile, CertFile, KeyFile string }

// NewAuthority makes an authority and a pair for the names.
func NewAuthority(t testing.TB, names ...string) Authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := func(serial int64) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "identityd test"},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			KeyUsage: x509.KeyUsageDigitalSignature,
		}
	}
	ca := template(1)
	ca.IsCA, ca.BasicConstraintsValid, ca.KeyUsage = true, true, x509.KeyUsageCertSign
	leaf := template(2)
	leaf.DNSNames, leaf.ExtKeyUsage = names, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sign := func(c *x509.Certificate) []byte {
		der, err := x509.CreateCertificate(rand.Reader, c, ca, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	rawKey, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return Authority{
		CAFile:   write("ca.pem", "CERTIFICATE", sign(ca)),
		CertFile: write("cert.pem", "CERTIFICATE", sign(leaf)),
		KeyFile:  write("key.pem", "EC PRIVATE KEY", rawKey),
	}
}

// Ports reserves loopback addresses by binding them: the public addresses of a deployment have to be
// known before the processes behind them start.
func Ports(t testing.TB, n int) []net.Listener {
	t.Helper()
	var out []net.Listener
	for range n {
		ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ln.Close() })
		out = append(out, ln)
	}
	return out
}

// Proxy ends TLS, or plain HTTP when a is empty, on the listener and hands every request to the next
// of the backends, one after the other, as a balancer without affinity does.
func Proxy(t testing.TB, ln net.Listener, a Authority, backends ...string) {
	t.Helper()
	next := make(chan *url.URL, len(backends))
	for _, raw := range backends {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		next <- u
	}
	transport := &http.Transport{}
	server := &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		Handler: &httputil.ReverseProxy{
			Transport: transport,
			Rewrite: func(r *httputil.ProxyRequest) {
				target := <-next
				next <- target
				r.SetURL(target)
				r.Out.Host = r.In.Host
				r.SetXForwarded()
			},
		},
	}
	done := make(chan error, 1)
	go func() {
		if a.CertFile == "" {
			done <- server.Serve(ln)
			return
		}
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		done <- server.ServeTLS(ln, a.CertFile, a.KeyFile)
	}()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		transport.CloseIdleConnections()
	})
}
