package stacktest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

// What the databases in testdata/mattn hold, which identityd made with mattn's driver of SQLite.
const (
	oldPassword = "made-by-the-old-driver-17"
	oldSession  = "ory_st_sVMJIe4djIPbtLdzuJ5LmtuNxhKEjvyC"
	oldSecret   = "made-by-the-old-driver"
)

// oldData makes a data folder of the dumps. They end some day: a year of their times is moved, by a
// change of text, so that the form in which the old driver wrote times stays.
func oldData(t *testing.T, folder string) {
	t.Helper()
	sqlseam.Register()
	hydra, kratos, err := store.Resolve(store.Settings{URL: "sqlite://" + folder, Pool: store.Pool{MaxOpen: 1, MaxIdle: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for name, dsn := range map[string]store.DSN{"hydra": hydra, "kratos": kratos} {
		file, err := os.Open(filepath.Join("testdata", "mattn", name+".sql.gz"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		unpacked, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		dump, err := io.ReadAll(unpacked)
		if err != nil {
			t.Fatal(err)
		}
		for _, date := range []string{"2026-11-27", "2026-12-26"} {
			dump = bytes.ReplaceAll(dump, []byte("'"+date), []byte("'2126"+date[4:]))
		}
		db, err := store.Open(dsn, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), string(dump)); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	secrets, err := os.ReadFile(filepath.Join("testdata", "mattn", "secrets.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "secrets.yaml"), secrets, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDatabasesOfTheOldDriverGoOnBeingUsed(t *testing.T) {
	notOnStandIn(t, onSQLite)
	folder := t.TempDir()
	oldData(t, folder)
	s := Start(t, Set("data_dir", folder), Set("database.url", "sqlite://"+folder))
	t.Run("an old session is still one", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URLs.Kratos+"/sessions/whoami", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Session-Token", oldSession)
		if got, body := send(t, req); got != http.StatusOK || !strings.Contains(body, "old@example.com") {
			t.Errorf("got %d %s, want the session", got, body)
		}
	})
	t.Run("an old password still opens the door", func(t *testing.T) {
		if got, body := apiLogin(t, s, "old@example.com", oldPassword); got != http.StatusOK {
			t.Errorf("got %d %s, want 200", got, body)
		}
	})
	t.Run("an old client gets a token with its secret", func(t *testing.T) {
		form := strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode())
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.Hydra+"/oauth2/token", form)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.SetBasicAuth("old", oldSecret)
		if got, body := send(t, req); got != http.StatusOK || !strings.Contains(body, `"access_token":`) {
			t.Errorf("got %d %s, want a token", got, body)
		}
	})
	t.Run("and new journeys pass beside them", func(t *testing.T) { s.Journey(t, client, 2) })
}

// send returns the status and the body of an answer.
func send(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.StatusCode, string(raw)
}

// apiLogin signs in as an application without a browser does.
func apiLogin(t *testing.T, s *Stack, name, password string) (int, string) {
	t.Helper()
	return apiFlow(t, s, "login", map[string]any{"method": "password", "identifier": name, "password": password})
}

// apiFlow begins a flow of Kratos' for applications and submits it. The status is that of the last answer.
func apiFlow(t *testing.T, s *Stack, kind string, fields map[string]any) (int, string) {
	t.Helper()
	base := s.URLs.Kratos + "/self-service/" + kind
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api", nil)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	status, body := send(t, req)
	if status != http.StatusOK {
		return status, body
	}
	var flow struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(body), &flow); err != nil {
		t.Error(err)
		return 0, ""
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	req, err = http.NewRequestWithContext(t.Context(), http.MethodPost, base+"?flow="+flow.ID, bytes.NewReader(raw))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	req.Header.Set("Content-Type", "application/json")
	return send(t, req)
}
