package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/certs/certtest"
	"example.com/identityd/internal/doctor"
	"example.com/identityd/internal/inbox/smtptest"
)

// decided is production with secrets, of which a case says the rest.
func decided(t *testing.T, more string) []string {
	t.Helper()
	folder := t.TempDir()
	file(t, folder, "secrets.yaml", goodSecrets, 0o600)
	if !strings.Contains(more, "mail:") {
		more += "mail: {smtp_url: 'smtps://user:hunter2@mail.example.com', from: no-reply@example.com}\n"
	}
	return []string{"--config", file(t, folder, "stack.yaml", "profile: production\nsecrets: {file: secrets.yaml}\n"+more, 0o600)}
}

const oneOrigin = "origin: https://id.example.com\n"

// ending is a pair of files of a certificate that ends then.
func ending(t *testing.T, at time.Time, host string) string {
	t.Helper()
	pair, folder := certtest.NewAuthority(t).Issue(t, at, host), t.TempDir()
	return fmt.Sprintf("tls: {cert_file: %q, key_file: %q}\n", file(t, folder, "cert.pem", string(pair.Cert), 0o600), file(t, folder, "key.pem", string(pair.Key), 0o600))
}

// answering is a server on this machine.
func answering(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// TestDoctorFindsOutside does the same as TestDoctorFinds for what others see: addresses, certificates, mail, admin
// APIs and clients.
func TestDoctorFindsOutside(t *testing.T) {
	for _, tt := range []struct {
		name              string
		make              func(t *testing.T) []string
		check, text, cure string
	}{
		{"an expired certificate", func(t *testing.T) []string {
			return append(decided(t, oneOrigin+ending(t, time.Now().Add(-time.Hour), "id.example.com")), "--offline")
		}, "tls/certificates", "cert.pem expired on ", "renew it"},
		{"a certificate for the wrong host", func(t *testing.T) []string {
			return append(decided(t, oneOrigin+ending(t, time.Now().AddDate(0, 3, 0), "www.example.com")), "--offline")
		}, "tls/certificates", "cert.pem is for www.example.com, and browsers ask for id.example.com (origin)", "get a certificate for id.example.com"},
		{"an issuer that answers as another", func(t *testing.T) []string {
			return decided(t, "origin: "+answering(t, func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, `{"issuer": "https://other.example.com", "jwks_uri": "https://other.example.com/.well-known/jwks.json"}`)
			})+"\n")
		}, "addresses/issuer", `answers as another, "https://other.example.com"`, "write origin: https://other.example.com"},
		{"three hosts without a common domain", func(t *testing.T) []string {
			return append(decided(t, "urls: {ui: 'https://id.example.com', hydra: 'https://auth.example.net', kratos: 'https://accounts.example.org'}\n"), "--offline")
		}, "configuration/words", "urls.cookie_domain: must be set because id.example.com, auth.example.net, accounts.example.org have no registrable parent in common", "under one domain"},
		{"a passkey domain off the origin", func(t *testing.T) []string {
			return append(decided(t, oneOrigin+"kratos: {selfservice: {methods: {passkey: {config: {rp: {id: example.net}}}}}}\n"), "--offline")
		}, "configuration/words", `needs a relying party id that the pages are under (got "example.net"`, "remove it"},
		{"a mail server that refuses", func(t *testing.T) []string {
			return decided(t, oneOrigin+"mail: {smtp_url: 'smtps://127.0.0.1:1', from: no-reply@example.com}\n")
		}, "mail/server", "mail.smtp_url: connect: nothing listens at 127.0.0.1:1", "start the mail server"},
		{"a mail server without TLS", func(t *testing.T) []string {
			address, _, _ := strings.Cut(smtptest.Start(t, smtptest.Options{}).URL, "?")
			return decided(t, oneOrigin+"mail: {smtp_url: '"+address+"', from: no-reply@example.com}\n")
		}, "mail/server", "offers no STARTTLS, and nothing is sent without", "write smtps://"},
		{"mail that is to go without TLS", func(t *testing.T) []string {
			return append(decided(t, oneOrigin+"mail: {smtp_url: 'smtp://mail.example.com?disable_starttls=true', from: no-reply@example.com}\n"), "--offline")
		}, "configuration/words", "mail.smtp_url: must not have disable_starttls=true in production", "remove it"},
		{"an admin listener that is open", func(t *testing.T) []string {
			return append(decided(t, oneOrigin+"listen: {hydra_admin: ':4445'}\nadmin: {allow_unauthenticated: true}\n"), "--offline")
		}, "admin/listeners", "admin.allow_unauthenticated: whoever reaches listen.hydra_admin at :4445 owns every account", "identityd admin token"},
		{"an admin API where browsers are", func(t *testing.T) []string {
			return decided(t, "origin: "+answering(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if r.URL.Path == "/admin/clients" {
					fmt.Fprint(w, "[]")
				}
			})+"\n")
		}, "admin/outside", "/admin/clients answers: everybody owns every account", "take the path out of the proxy"},
		{"a wildcard in a client of the file", func(t *testing.T) []string {
			return append(decided(t, oneOrigin+"clients: [{id: shop, redirect_uris: ['https://*.example.com/cb']}]\n"), "--offline")
		}, "configuration/words", "clients[0].redirect_uris[0]: must not hold a wildcard", "list each address"},
		{"a wildcard in a client of the database", func(t *testing.T) []string {
			args := decided(t, oneOrigin)
			if code, _, stderr := runHere(t, append([]string{"migrate"}, args...)...); code != 0 {
				t.Fatalf("migrate: exit %d, %s", code, stderr)
			}
			inSQLite(t, filepath.Join(filepath.Dir(args[1]), "identityd-data", "hydra.sqlite"), storedClient)
			return append(args, "--offline")
		}, "clients/stored", "client shop: the redirect URI https://*.example.com/cb holds a wildcard", "identityd client update shop --redirect-uri"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := runHere(t, append([]string{"doctor", "--json", "--timeout", "1m"}, tt.make(t)...)...)
			var got doctor.Result
			if err := json.Unmarshal([]byte(stdout), &got); err != nil {
				t.Fatalf("%v in %s (%s)", err, stdout, stderr)
			}
			if code != exitFailure || got.OK {
				t.Errorf("got exit %d, ok %v, want a failure (%s)", code, got.OK, stderr)
			}
			for _, row := range got.Checks {
				if row.Area+"/"+row.Check == tt.check && row.Level == doctor.Fault && strings.Contains(row.Text, tt.text) && strings.Contains(row.Cure, tt.cure) {
					return
				}
			}
			t.Errorf("want %s: %s -> %s, got\n%s", tt.check, tt.text, tt.cure, stdout)
		})
	}
}

// storedClient is one that came with an old database: neither the file nor the admin API takes it.
const storedClient = `INSERT INTO hydra_client (id, nid, client_name, client_secret, redirect_uris, grant_types, response_types, scope, owner,
	policy_uri, tos_uri, client_uri, logo_uri, contacts, sector_identifier_uri, jwks, jwks_uri, request_uris, token_endpoint_auth_method,
	allowed_cors_origins, pk, audience)
	SELECT 'shop', id, 'Shop', 'x', '["https://*.example.com/cb"]', '[]', '[]', '', '', '', '', '', '', '[]', '', '{}', '', '[]', 'client_secret_basic',
	'[]', '9f1c8f5e-0000-4000-8000-000000000001', '[]' FROM networks LIMIT 1`
