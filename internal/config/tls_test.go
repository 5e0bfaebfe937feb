package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
)

// pair makes a certificate that is valid from a day before until.
func pair(t *testing.T, until time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "id.example.com"},
		NotBefore: until.Add(-24 * time.Hour), NotAfter: until,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return cert, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

func TestCertificates(t *testing.T) {
	now := time.Now()
	cert, key := pair(t, now.Add(time.Hour))
	_, otherKey := pair(t, now.Add(time.Hour))
	oldCert, oldKey := pair(t, now.Add(-time.Hour))
	nextCert, nextKey := pair(t, now.Add(100*time.Hour))
	files := map[string]string{
		"cert": cert, "key": key, "other": otherKey, "old.cert": oldCert, "old.key": oldKey,
		"next.cert": nextCert, "next.key": nextKey,
	}
	for _, tt := range []struct {
		name, tls, urls string
		want            []string
		warning         string
	}{
		{"a pair for everything is fine", "cert_file: cert, key_file: key", "", nil, ""},
		{"a pair for one listener is fine", "ops: {cert_file: cert, key_file: key}", "ui: http://localhost", nil, ""},
		{
			"a certificate alone is refused", "cert_file: cert", "",
			[]string{"tls.key_file: must be set beside tls.cert_file; name its private key, PEM"},
			"",
		},
		{
			"a key alone is refused", "ui: {key_file: key}", "",
			[]string{"tls.ui.cert_file: must be set beside tls.ui.key_file; name the certificate chain, PEM"},
			"",
		},
		{
			"files that are not there are named", "cert_file: a, key_file: b", "",
			[]string{"tls.cert_file: reading DIR/a: no such file or directory", "tls.key_file: reading DIR/b: no such file or directory"},
			"",
		},
		{
			"two that do not belong together are refused", "cert_file: cert, key_file: other", "",
			[]string{
				"tls: must be a certificate and its own private key, both PEM (DIR/cert and DIR/other): " +
					"tls: private key does not match public key",
			},
			"",
		},
		{
			"files the wrong way round are refused", "cert_file: key, key_file: cert", "",
			[]string{
				"tls: must be a certificate and its own private key, both PEM (DIR/key and DIR/cert): " +
					"tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched",
			},
			"",
		},
		{
			"plain http in front of TLS is refused", "cert_file: cert, key_file: key", "ui: http://localhost:1, kratos: https://localhost",
			[]string{`urls.ui: must be https because listen.ui has a certificate (got "http://localhost:1")`},
			"",
		},
		{"the gateway has the certificate of the pages whose place it takes", "ui: {cert_file: cert, key_file: key}", "", nil, ""},
		{
			"one listener has one certificate", "ui: {cert_file: cert, key_file: key}, gateway: {cert_file: old.cert, key_file: old.key}", "",
			[]string{"tls.ui: must be left out: listen.ui is served by listen.gateway, whose certificate is in tls.gateway"},
			"",
		},
		{"an expired certificate is warned of", "cert_file: old.cert, key_file: old.key", "", nil, "DIR/old.cert expired on DATE; renew it"},
		{"a certificate of tomorrow is warned of", "cert_file: next.cert, key_file: next.key", "", nil, "DIR/next.cert is not valid before DATE; check the clock"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files["stack.yaml"] = "profile: development\ntls: {" + tt.tls + "}\nurls: {" + tt.urls + "}\n"
			dir := write(t, files)
			opts := config.Options{Dir: dir}
			got := problems(t, opts)
			for i := range got {
				got[i] = strings.ReplaceAll(got[i], dir, "DIR")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Fatalf("problems differ (-want +got):\n%s", diff)
			}
			if len(tt.want) > 0 {
				return
			}
			var warning string
			for _, w := range load(t, opts).Warnings {
				warning = strings.ReplaceAll(w.Message, dir, "DIR")
			}
			for _, date := range []time.Time{now.Add(-time.Hour), now.Add(76 * time.Hour)} {
				warning = strings.ReplaceAll(warning, date.UTC().Format(time.DateOnly), "DATE")
			}
			if warning != tt.warning {
				t.Errorf("got warning %q, want %q", warning, tt.warning)
			}
		})
	}
}

func TestEachListenerFindsItsPair(t *testing.T) {
	all, own := config.KeyPair{CertFile: "a", KeyFile: "b"}, config.KeyPair{CertFile: "c", KeyFile: "d"}
	tls := config.TLS{CertFile: "a", KeyFile: "b", UI: own, Ops: own}
	got := map[string]config.KeyPair{}
	for _, name := range []string{"ui", "hydra_public", "kratos_public", "hydra_admin", "kratos_admin", "ops", "nonsense"} {
		got[name] = tls.Pair(name)
	}
	want := map[string]config.KeyPair{
		"ui": own, "hydra_public": all, "kratos_public": all, "hydra_admin": {}, "kratos_admin": {}, "ops": own, "nonsense": {},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pairs differ (-want +got):\n%s", diff)
	}
	dir := write(t, map[string]string{"stack.yaml": "profile: development\n"})
	if cfg := load(t, config.Options{Dir: dir}); !cfg.TLS.Pair("ui").Empty() || filepath.Base(cfg.TLS.CertFile) == "stack.yaml" {
		t.Errorf("got %+v without a tls section, want none", cfg.TLS)
	}
}
