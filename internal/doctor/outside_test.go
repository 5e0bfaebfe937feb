package doctor

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/store"
)

// written is the configuration that a file makes, with what is wrong about it.
func written(t *testing.T, yaml string) *Subject {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "stack.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, problems := config.Inspect(config.Options{File: file, Dir: dir, AnyMode: true})
	s := &Subject{Config: cfg, Settings: store.Settings{URL: "sqlite://" + dir}}
	if problems != nil {
		s.Problems = problems.List
	}
	return s
}

// inProduction is a whole configuration for production, and more of it.
func inProduction(t *testing.T, more string) *Subject {
	t.Helper()
	head := "profile: production\nsecrets: {system: [system-is-32-bytes-of-the-letter], cookie: [cookie-is-32-bytes-of-the-letter], cipher: [cipher-is-32-bytes-of-the-letter]}\n"
	if !strings.Contains(more, "mail:") {
		head += "mail: {smtp_url: 'smtps://u:p@mail.example.com', from: no-reply@example.com}\n"
	}
	if !strings.Contains(more, "proxy:") {
		head += "proxy: {trusted: [127.0.0.1]}\n"
	}
	return written(t, head+more)
}

const good = "origin: https://id.example.com\n"

// What is judged here must not be left out for a reason of its own.
func TestTheGoodFileIsGood(t *testing.T) {
	if s := inProduction(t, good); len(s.Problems) > 0 {
		t.Errorf("got %v", s.Problems)
	}
}

// look runs one check.
func look(t *testing.T, s *Subject, c Check) []Row {
	t.Helper()
	return Examine(t.Context(), s, []Check{c}, Options{}).Checks
}

// wants holds the rows against one of a level and a text; where that is no level, there must be none worse than ok.
func wants(t *testing.T, rows []Row, l Level, text string) {
	t.Helper()
	found := false
	for _, row := range rows {
		if l == OK && (row.Level == Fault || row.Level == Warning) {
			t.Errorf("got %+v, want nothing wrong", row)
		}
		if row.Level == l && strings.Contains(row.Text, text) {
			found = true
			if (l == Fault || l == Warning) && row.Cure == "" {
				t.Errorf("got %+v without a cure", row)
			}
		}
	}
	if found {
		return
	}
	t.Errorf("got %+v, want %s with %q", rows, l, text)
}

// running puts a process beside a subject whose addresses are one server.
func running(s *Subject, address string) *Subject {
	s.Process = &Process{Ready: true, URLs: map[string]string{"ui": address, "hydra": address, "kratos": address}, Listeners: map[string]string{}}
	return s
}

func serving(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// kept makes Hydra's database with a signing key and clients.
func kept(t *testing.T, s *Subject, kid string, clients map[string]string) {
	t.Helper()
	hydra, _, err := store.Resolve(s.Settings)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+hydra.File())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		"CREATE TABLE networks (id text)", "CREATE TABLE hydra_jwk (sid text, kid text)",
		"CREATE TABLE hydra_client (id text, redirect_uris text, token_endpoint_auth_method text, backchannel_logout_uri text DEFAULT '')",
		"INSERT INTO hydra_jwk VALUES ('hydra.openid.id-token', '" + kid + "')",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for id, uris := range clients {
		method := "client_secret_basic"
		if strings.HasPrefix(id, "public") {
			method = "none"
		}
		if _, err := db.ExecContext(t.Context(), "INSERT INTO hydra_client (id, redirect_uris, token_endpoint_auth_method) VALUES (?, ?, ?)", id, uris, method); err != nil {
			t.Fatal(err)
		}
	}
}
