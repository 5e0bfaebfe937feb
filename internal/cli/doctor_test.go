package cli

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/certs/certtest"
	"example.com/identityd/internal/doctor"
	"example.com/identityd/internal/inbox/smtptest"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
)

// ward is where cases of the doctor are made.
type ward struct {
	t *testing.T
	// base is a data_dir with databases and secrets, to be copied.
	base string
	// server has two databases, which are empty.
	server        *pgtest.Server
	hydra, kratos string
}

func newWard(t *testing.T) *ward {
	t.Helper()
	w := &ward{t: t, base: filepath.Join(t.TempDir(), "data"), server: pgtest.Start(t), hydra: "hydra", kratos: "kratos"}
	if code, _, stderr := runHere(t, "migrate", "--set", "data_dir="+w.base); code != 0 {
		t.Fatalf("migrate: exit %d, %s", code, stderr)
	}
	w.server.Admin(t, "CREATE DATABASE hydra OWNER identityd", "CREATE DATABASE kratos OWNER identityd")
	return w
}

// runHere runs a command line in this process.
func runHere(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err strings.Builder
	code = Main(args, &out, &err)
	return code, out.String(), err.String()
}

// data is a copy of the installation, closed to everybody else.
func (w *ward) data(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(to, os.DirFS(w.base)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{to, filepath.Join(to, "secrets.yaml"), filepath.Join(to, "hydra.sqlite"), filepath.Join(to, "kratos.sqlite")} {
		mode := os.FileMode(0o600)
		if path == to {
			mode = 0o700
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// file writes a file in the folder of a case and returns its path.
func file(t *testing.T, folder, name, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// inSQLite changes a database of a case.
func inSQLite(t *testing.T, path, statement string) {
	t.Helper()
	sqlseam.Register()
	db, err := sql.Open(sqlseam.SQLiteDriver, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

const goodSecrets = "system: [q0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T]\ncookie: [r0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T]\ncipher: [s0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T]\n"

// productionFile is the least that production decides.
const productionFile = `profile: production
urls: {ui: "https://id.example.com", hydra: "https://auth.example.com", kratos: "https://accounts.example.com"}
mail: {smtp_url: "smtps://user:hunter2@mail.example.com", from: no-reply@example.com}
`

// wildcardClient is one of the admin API of a release that let it in.
const wildcardClient = `INSERT INTO hydra_client (id, client_name, client_secret, redirect_uris, grant_types, response_types, scope, owner,
	policy_uri, tos_uri, client_uri, logo_uri, contacts, sector_identifier_uri, jwks, jwks_uri, request_uris, allowed_cors_origins, audience, nid)
	SELECT 'shop', 'Shop', '', '["https://*.example.com/callback"]', '["authorization_code"]', '["code"]', 'openid', '',
	'', '', '', '', '[]', '', '{}', '', '[]', '[]', '[]', id FROM networks`

// TestDoctorFinds makes each of what issue E lists happen, and wants it found by the command line, with the key and
// the cure.
func TestDoctorFinds(t *testing.T) {
	w := newWard(t)
	for _, tt := range []struct {
		name string
		// make makes it happen and returns the arguments.
		make func(t *testing.T) []string
		// check is area/check.
		check string
		level doctor.Level
		// text and cure are parts of what is said; text has the key and the value.
		text, cure string
	}{
		{"a wrong password", func(*testing.T) []string {
			_, host, _ := strings.Cut(w.server.URL(), "@")
			return []string{"--set", "database.url=postgres://identityd:wrong@" + host}
		}, "database/answers", doctor.Fault, `database.hydra.user: the server refuses the user "identityd" or its password`, "database.hydra.password_file"},
		{"a database that is missing", func(*testing.T) []string {
			return []string{"--set", "database.url=" + w.server.URL(), "--set", "database.hydra.name=nowhere"}
		}, "database/answers", doctor.Fault, "database.url: the database nowhere at ", "identityd bootstrap"},
		{"cockroach:// on PostgreSQL", func(*testing.T) []string {
			return []string{"--set", "database.url=cockroach" + strings.TrimPrefix(w.server.URL(), "postgres")}
		}, "database/server", doctor.Fault, "database.url: cockroach:// does not fit", "begin database.url with postgres://"},
		{"postgres:// on CockroachDB", func(t *testing.T) []string {
			// A server that says that it is CockroachDB: its own version() comes first in the search path.
			for _, name := range []string{"hydra", "kratos"} {
				impostor(t, w.server.DatabaseURL(name))
			}
			return []string{"--set", "database.url=" + w.server.URL() + "&options=-c%20search_path%3Dimpostor%2Cpg_catalog"}
		}, "database/server", doctor.Fault, "database.url: postgres:// does not fit", "begin database.url with cockroach://"},
		{"a pool above the server's limit", func(*testing.T) []string {
			return []string{"--set", "database.url=" + w.server.URL(), "--set", "database.pool.max_open=5000"}
		}, "database/pool", doctor.Fault, "database.pool.max_open is 5000: 1 process may open", "lower database.pool.max_open"},
		{"pending migrations", func(t *testing.T) []string {
			data := w.data(t)
			inSQLite(t, filepath.Join(data, "hydra.sqlite"), "DELETE FROM schema_migration WHERE version = (SELECT max(version) FROM schema_migration)")
			return []string{"--set", "data_dir=" + data, "--set", "database.migrate=wait"}
		}, "database/schema", doctor.Fault, "database.migrate is wait, and pending: 1 migration", "run identityd migrate"},
		{"a newer schema", func(t *testing.T) []string {
			data := w.data(t)
			inSQLite(t, filepath.Join(data, "kratos.sqlite"),
				"INSERT INTO identityd_schema (version, name, release, compatible_from) VALUES (9999, 'later', '9.0', 9999)")
			return []string{"--set", "data_dir=" + data}
		}, "database/schema", doctor.Fault, "identityd 9.0 has migrated the databases to schema 9999", "use identityd 9.0 or newer"},
		{"a short secret", func(t *testing.T) []string {
			data := w.data(t)
			file(t, data, "secrets.yaml", "system: [short]\n", 0o600)
			return []string{"--set", "data_dir=" + data}
		}, "secrets/values", doctor.Fault, "secrets.system[0]: must be exactly 32 bytes (got 5)", "identityd secrets rotate --kind system"},
		{"a short secret in the configuration", func(t *testing.T) []string {
			secrets := file(t, t.TempDir(), "s.yaml", "system: [short]\n", 0o600)
			return []string{"--set", "data_dir=" + w.data(t), "--set", "secrets.file=" + secrets}
		}, "configuration/words", doctor.Fault, "secrets.system[0]: must be exactly 32 bytes (got 5)", "openssl rand -base64 24"},
		{"the same secret twice", func(t *testing.T) []string {
			data := w.data(t)
			file(t, data, "secrets.yaml", strings.ReplaceAll(goodSecrets, "[s0", "[q0"), 0o600)
			return []string{"--set", "data_dir=" + data}
		}, "secrets/values", doctor.Fault, "secrets.cipher[0]: is the same secret as secrets.system[0]", "identityd secrets rotate --kind cipher"},
		{"a file that everybody reads", func(t *testing.T) []string {
			folder := t.TempDir()
			for dir := folder; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
				if err := os.Chmod(dir, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			file(t, folder, "secrets.yaml", goodSecrets, 0o644)
			return []string{"--offline", "--config", file(t, folder, "stack.yaml", productionFile+"secrets: {file: secrets.yaml}\n", 0o600)}
		}, "secrets/files", doctor.Fault, "secrets.yaml can be read by everybody on this machine (mode 0644)", "chmod 600"},
		{"a clock that is an hour off", func(t *testing.T) []string {
			issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
			}))
			t.Cleanup(issuer.Close)
			return []string{"--set", "data_dir=" + w.data(t), "--set", "urls.hydra=" + strings.Replace(issuer.URL, "127.0.0.1", "localhost", 1)}
		}, "clock/issuer", doctor.Fault, "ahead of this machine's; codes and tokens are refused", "NTP"},
		{"a disk that is nearly full", func(t *testing.T) []string {
			return []string{"--set", "data_dir=" + smallDisk(t), "--offline"}
		}, "machine/disk", doctor.Fault, "data_dir: the disk of ", "make room"},
		{"a janitor that is stopped", func(t *testing.T) []string {
			return []string{"--set", "data_dir=" + w.data(t), "--set", "janitor.enabled=false"}
		}, "housekeeping/janitor", doctor.Fault, "janitor.enabled is false", "janitor.enabled: true"},
		{"a certificate that has expired", func(t *testing.T) []string {
			return w.encrypted(t, time.Now().Add(-time.Hour), "id.example.com")
		}, "tls/certificates", doctor.Fault, "tls.cert_file: ", "renew it"},
		{"a certificate of another host", func(t *testing.T) []string {
			return w.encrypted(t, time.Now().AddDate(0, 3, 0), "other.example.com")
		}, "tls/certificates", doctor.Fault, "is for other.example.com, and browsers ask for id.example.com (origin)", "get a certificate for id.example.com"},
		{"an issuer that answers as another", func(t *testing.T) []string {
			issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`{"issuer": "https://other.example.com"}`))
			}))
			t.Cleanup(issuer.Close)
			return []string{"--set", "data_dir=" + w.data(t), "--set", "urls.hydra=" + strings.Replace(issuer.URL, "127.0.0.1", "localhost", 1)}
		}, "addresses/issuer", doctor.Fault, `urls.hydra: http://localhost:`, "write urls.hydra: https://other.example.com"},
		{"three hosts without a common domain", func(t *testing.T) []string {
			folder := t.TempDir()
			file(t, folder, "secrets.yaml", goodSecrets, 0o600)
			content := strings.Replace(productionFile, "accounts.example.com", "accounts.example.net", 1) + "secrets: {file: secrets.yaml}\n"
			return []string{"--offline", "--config", file(t, folder, "stack.yaml", content, 0o600)}
		}, "configuration/words", doctor.Fault, "urls", "domain"},
		{"passkeys for another domain", func(t *testing.T) []string {
			folder := t.TempDir()
			file(t, folder, "secrets.yaml", goodSecrets, 0o600)
			content := productionFile + "secrets: {file: secrets.yaml}\nkratos: {selfservice: {methods: {passkey: {config: {rp: {id: example.net}}}}}}\n"
			return []string{"--offline", "--config", file(t, folder, "stack.yaml", content, 0o600)}
		}, "configuration/words", doctor.Fault, `login.first.passkey.enabled: needs a relying party id that the pages are under (got "example.net"`, "remove it"},
		{"a mail server that refuses", func(t *testing.T) []string {
			return []string{"--set", "data_dir=" + w.data(t), "--set", "mail.smtp_url=smtp://127.0.0.1:1"}
		}, "mail/server", doctor.Fault, "mail.smtp_url: connect: nothing listens at 127.0.0.1:1", "correct the port of mail.smtp_url"},
		{"a mail server without TLS", func(t *testing.T) []string {
			server, _, _ := strings.Cut(smtptest.Start(t, smtptest.Options{}).URL, "?")
			return []string{"--set", "data_dir=" + w.data(t), "--set", "mail.smtp_url=" + server}
		}, "mail/server", doctor.Fault, "offers no STARTTLS, and nothing is sent without", "write smtps://"},
		{"admin APIs that are open", func(t *testing.T) []string {
			return []string{"--set", "data_dir=" + w.data(t), "--set", "listen.hydra_admin=0.0.0.0:4445", "--set", "admin.allow_unauthenticated=true"}
		}, "admin/listeners", doctor.Fault, "admin.allow_unauthenticated: whoever reaches listen.hydra_admin", "identityd admin token"},
		{"admin APIs that would be open", func(t *testing.T) []string {
			return []string{"--set", "data_dir=" + w.data(t), "--set", "listen.hydra_admin=0.0.0.0:4445"}
		}, "configuration/words", doctor.Fault, "listen.hydra_admin: must be a loopback address", "write 127.0.0.1:4445"},
		{"a client with a wildcard", func(t *testing.T) []string {
			data := w.data(t)
			inSQLite(t, filepath.Join(data, "hydra.sqlite"), wildcardClient)
			return []string{"--set", "data_dir=" + data}
		}, "clients/stored", doctor.Fault, "the redirect URI https://*.example.com/callback holds a wildcard", "identityd client update shop --redirect-uri"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := runHere(t, append([]string{"doctor", "--json", "--timeout", "1m"}, tt.make(t)...)...)
			var got doctor.Result
			if err := json.Unmarshal([]byte(stdout), &got); err != nil {
				t.Fatalf("%v in %s (%s)", err, stdout, stderr)
			}
			wantCode := exitOK
			if tt.level == doctor.Fault {
				wantCode = exitFailure
			}
			if code != wantCode || got.OK != (wantCode == exitOK) {
				t.Errorf("got exit %d, ok %v, want %d (%s)", code, got.OK, wantCode, stderr)
			}
			for _, row := range got.Checks {
				if row.Area+"/"+row.Check == tt.check && row.Level == tt.level && strings.Contains(row.Text, tt.text) && strings.Contains(row.Cure, tt.cure) {
					return
				}
			}
			for _, row := range got.Checks {
				if row.Level != doctor.OK || row.Area+"/"+row.Check == tt.check {
					t.Logf("%s %s/%s: %s -> %s", row.Level, row.Area, row.Check, row.Text, row.Cure)
				}
			}
			t.Errorf("want %s %s: %s -> %s", tt.level, tt.check, tt.text, tt.cure)
		})
	}
}

// encrypted is a deployment in production whose certificate is for a host, until then.
func (w *ward) encrypted(t *testing.T, until time.Time, host string) []string {
	t.Helper()
	folder := t.TempDir()
	pair := certtest.NewAuthority(t).Issue(t, until, host)
	file(t, folder, "tls.crt", string(pair.Cert), 0o600)
	file(t, folder, "tls.key", string(pair.Key), 0o600)
	file(t, folder, "secrets.yaml", goodSecrets, 0o600)
	return []string{"--offline", "--config", file(t, folder, "stack.yaml", `profile: production
origin: https://id.example.com
listen: {gateway: ":0"}
tls: {cert_file: tls.crt, key_file: tls.key}
secrets: {file: secrets.yaml}
mail: {smtp_url: "smtps://user:hunter2@mail.example.com", from: no-reply@example.com}
`, 0o600)}
}

// impostor makes a database of PostgreSQL say that it is CockroachDB.
func impostor(t *testing.T, dsn string) {
	t.Helper()
	sqlseam.Register()
	db, err := sql.Open(sqlseam.PostgresDriver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		"CREATE SCHEMA impostor",
		`CREATE FUNCTION impostor.version() RETURNS text LANGUAGE sql AS $$ SELECT 'CockroachDB CCL v24.1.0 (x86_64-pc-linux-gnu)' $$`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}
