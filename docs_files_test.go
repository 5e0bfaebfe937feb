package docs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/certs/certtest"
)

// filesOf are the files that a configuration names: the texts below words that end in file, and file:// addresses.
func filesOf(node any) []string {
	var out []string
	switch node := node.(type) {
	case map[string]any:
		for word, value := range node {
			if name, isText := value.(string); isText && (word == "file" || strings.HasSuffix(word, "_file")) {
				out = append(out, name)
			}
			out = append(out, filesOf(value)...)
		}
	case string:
		if name, isFile := strings.CutPrefix(node, "file://"); isFile {
			out = append(out, name)
		}
	case []any:
		for _, each := range node {
			out = append(out, filesOf(each)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// pair is a certificate with its key.
func pair(t *testing.T) map[string]string {
	t.Helper()
	p := certtest.NewAuthority(t).Issue(t, time.Now().Add(time.Hour), "id.example.com")
	return map[string]string{"secrets/tls.crt": string(p.Cert), "secrets/tls.key": string(p.Key)}
}

// contentOf is what a file of that name may hold. Secrets differ from each other.
func contentOf(t *testing.T, name string, number int) string {
	t.Helper()
	switch base := path.Base(name); {
	case base == "smtp":
		return "smtps://user:password@mail.example.com:465"
	case base == "headers":
		return "Authorization: Basic aWQ6a2V5"
	case strings.HasSuffix(base, ".svg"):
		return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>`
	case strings.HasSuffix(base, ".schema.json"):
		return read(t, "configs/identity.email-v1.schema.json")
	case strings.HasSuffix(base, ".css"):
		return "main { border: 0 }"
	case strings.HasSuffix(base, ".p8"):
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	default:
		return string(rune('a'+number)) + "0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T"
	}
}
