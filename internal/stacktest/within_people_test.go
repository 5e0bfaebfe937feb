package stacktest

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/cli"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/secrets"
	"example.com/identityd/internal/stack"
)

// TestCommandsOnAServerOfDatabases opens the admin APIs in process beside a serving process, and deletes a person
// while none serves: applications are told before the command ends.
func TestCommandsOnAServerOfDatabases(t *testing.T) {
	app := newTold(t)
	d := newDatabases(t, pgtest.Shared(t))
	opts := append(slices.Clone(d.opts), toldFile(t, app))
	quiet := stack.Options{Log: slog.New(slog.DiscardHandler), Version: "test"}

	s := Start(t, opts...)
	_, tokens := bring(t, s, "ada@example.com")
	if tokens.Access == "" {
		t.Fatalf("got %+v, want tokens", tokens)
	}
	t.Run("beside a serving process it is another replica without listeners", func(t *testing.T) {
		inside, err := stack.OpenInside(t.Context(), Configure(t, opts...), quiet)
		if err != nil {
			t.Fatal(err)
		}
		defer inside.Close(t.Context())
		client := http.Client{Transport: inside.Transport()}
		status, body := fetch(t, &client, "POST", control.Base+"/hydra/admin/clients", `{"client_id":"beside"}`, "Content-Type: application/json")
		if status != http.StatusCreated {
			t.Fatalf("got %d %s, want a client", status, body)
		}
		if status, _ := fetch(t, http.DefaultClient, "GET", s.URLs.HydraAdmin+"/admin/clients/beside", ""); status != http.StatusOK {
			t.Errorf("the serving process answers %d, want the client", status)
		}
	})
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}

	t.Run("a person is deleted with sessions and tokens, and the application is told", func(t *testing.T) {
		stdout, stderr, code := command(t, opts, "identity", "delete", "ada@example.com", "--yes", "--json")
		var gone struct {
			Gone    bool
			Removed []struct {
				Kind string
				Rows int
			}
		}
		if err := json.Unmarshal([]byte(stdout), &gone); err != nil || code != 0 || !gone.Gone {
			t.Fatalf("got %d, %s%s, want the person gone", code, stdout, stderr)
		}
		rows := map[string]int{}
		for _, r := range gone.Removed {
			rows[r.Kind] = r.Rows
		}
		if rows["sessions"] != 1 || rows["sign-ins to applications and consents"] != 1 {
			t.Errorf("got %v, want one session and one application", rows)
		}
		app.mu.Lock()
		defer app.mu.Unlock()
		if len(app.tokens) != 1 {
			t.Errorf("the application was told %d times before the command ended, want once", len(app.tokens))
		}
	})
	t.Run("a process that serves again knows neither", func(t *testing.T) {
		again := Start(t, opts...)
		if introspects(t, again, tokens.Access) {
			t.Error("the access token is alive")
		}
		if got := redeemTold(t, again, map[string][]string{"grant_type": {"refresh_token"}, "refresh_token": {tokens.Refresh}}); got.Status == http.StatusOK {
			t.Errorf("refreshing got %d, want a refusal", got.Status)
		}
	})
}

// TestACommandMigratesNothing: what is missing is refused with the cure, and nothing is made.
func TestACommandMigratesNothing(t *testing.T) {
	folder := t.TempDir()
	opts := []Option{Set("data_dir", folder), Set("database.url", "sqlite://"+folder)}
	refused := func(t *testing.T, cure string) {
		t.Helper()
		if stdout, stderr, code := command(t, opts, "client", "list"); code != 1 || !strings.Contains(stderr, cure) || stdout != "" {
			t.Errorf("got %d, %q and %q, want %s", code, stdout, stderr, cure)
		}
	}
	refused(t, "there is no installation in "+folder)
	for _, name := range []string{"hydra.sqlite", "kratos.sqlite"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, "the secrets of this installation are not in "+folder)
	if _, _, err := secrets.Ensure(folder); err != nil {
		t.Fatal(err)
	}
	refused(t, "run identityd migrate")
}

// command runs a command of identityd with the configuration of options.
func command(t *testing.T, opts []Option, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	words := map[string]string{}
	for _, o := range opts {
		o(words)
	}
	takeSwitches(words)
	t.Chdir(t.TempDir())
	for word, value := range words {
		if strings.HasPrefix(word, "IDENTITYD_") {
			t.Setenv(word, value)
			continue
		}
		args = append(args, "--set", word+"="+value)
	}
	var out, said strings.Builder
	code = cli.Main(args, &out, &said)
	return out.String(), said.String(), code
}
