package charttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/claims"
	"example.com/identityd/internal/config"
)

// laidOut writes what the pod mounts, and returns stack.yaml with its paths there.
func laidOut(t *testing.T, s set) string {
	t.Helper()
	root := t.TempDir()
	write := func(name, content string) {
		at := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		// 0440 on a read-only mount in a pod, where it warns of nothing either (TestPods).
		if err := os.WriteFile(at, []byte(content), 0o400); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range stackOf(t, s) {
		for _, folder := range []string{"/run/secrets/", "/run/tls/", "/data/"} {
			content = strings.ReplaceAll(content, folder, filepath.Join(root, folder)+"/")
		}
		write(filepath.Join("etc", name), content)
	}
	for i, name := range []string{"system", "cookie", "cipher", "hydra", "kratos", "google", "app"} {
		write("run/secrets/identityd/"+name, string(rune('a'+i))+"0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T")
	}
	write("run/secrets/identityd/smtp", "smtps://user:password@mail.example.com:465")
	write("run/secrets/identityd/admin", "")
	write("run/secrets/identityd/ca.crt", "")
	certificate, key := pair(t)
	write("run/tls/tls.crt", certificate)
	write("run/tls/tls.key", key)
	return filepath.Join(root, "etc", "stack.yaml")
}

// pair is a certificate that nobody trusts, and its key.
func pair(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"id.example.com"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, of, of, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw}))
}

// links are what Kubernetes puts into a container beside Services named identityd, identityd-admin and identityd-ops, where
// enableServiceLinks is left on.
func links() []string {
	var out []string
	for _, name := range []string{"IDENTITYD", "IDENTITYD_ADMIN", "IDENTITYD_OPS", "IDENTITYD_DATABASE"} {
		for variable, value := range map[string]string{
			"_SERVICE_HOST": "10.96.3.4", "_SERVICE_PORT": "80", "_SERVICE_PORT_HTTP": "80", "_PORT": "tcp://10.96.3.4:80",
			"_PORT_80_TCP": "tcp://10.96.3.4:80", "_PORT_80_TCP_PROTO": "tcp", "_PORT_80_TCP_PORT": "80", "_PORT_80_TCP_ADDR": "10.96.3.4",
		} {
			out = append(out, name+variable+"="+value)
		}
	}
	return out
}

func load(file string, environ ...string) (config.Config, error) {
	return config.Load(config.Options{File: file, Dir: filepath.Dir(file), Environ: environ, CheckClaims: func(block map[string]map[string]any) []config.Problem {
		_, problems := claims.Compile(block)
		var out []config.Problem
		for _, p := range problems {
			out = append(out, config.Problem{Path: p.Path, Message: p.Message})
		}
		return out
	}})
}

func TestTheProgramTakesTheStackOfEverySet(t *testing.T) {
	for _, s := range rendered(t) {
		t.Run(s.name, func(t *testing.T) {
			file := laidOut(t, s)
			cfg, err := load(file, "IDENTITYD_CONFIG="+file, "IDENTITYD_LISTEN_HOST=")
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range cfg.Warnings {
				if !strings.Contains(w.Message, "has no certificate and so is behind a proxy") {
					t.Errorf("it warns of %s: %s", w.Path, w.Message)
				}
			}
			if got := cfg.Listen.Ops.String(); got != ":4437" {
				t.Errorf("ops is at %q", got)
			}
			open := s.name == "everything"
			for _, a := range []config.Address{cfg.Listen.HydraAdmin, cfg.Listen.KratosAdmin} {
				if a.Loopback() == open {
					t.Errorf("an admin listener is at %s", a)
				}
			}
			linked, err := load(file, append(links(), "IDENTITYD_CONFIG="+file)...)
			if err != nil {
				t.Fatalf("with the links of Services: %v", err)
			}
			a, b := cfg.Fingerprints(), linked.Fingerprints()
			for word, print := range a {
				if b[word] != print {
					t.Errorf("the links of Services changed %s", word)
				}
			}
		})
	}
}
