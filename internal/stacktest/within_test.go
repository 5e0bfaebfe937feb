package stacktest

import (
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/adminguard"
	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/store"
)

// TestCommandsReachAStoppedStack opens the admin APIs where nothing serves, and finds the doors of a serving
// process there. The stack asks for tokens; the control socket and a command of this user do not.
func TestCommandsReachAStoppedStack(t *testing.T) {
	notOnStandIn(t, onSQLite)
	folder := t.TempDir()
	_, line, err := adminguard.New("deploy", []adminguard.Scope{adminguard.Clients})
	if err != nil {
		t.Fatal(err)
	}
	tokens := filepath.Join(folder, "tokens")
	if err := os.WriteFile(tokens, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	opts := []Option{Set("data_dir", folder), Set("admin.token_file", tokens)}
	cfg := Configure(t, opts...)
	quiet := stack.Options{Log: slog.New(slog.DiscardHandler), Version: "test"}

	if _, err := stack.OpenInside(t.Context(), cfg, quiet); err == nil || !strings.Contains(err.Error(), "there is no installation in") {
		t.Errorf("in an empty folder: got %v, want that there is no installation", err)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*.sqlite")); len(left) > 0 {
		t.Errorf("in an empty folder: got %v made, want nothing", left)
	}

	s := Start(t, opts...)
	door, err := control.Dial(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := door.Call(t.Context(), "GET", "/status", nil, nil); err != nil {
		t.Errorf("the control socket of a stack that asks for tokens: got %v, want an answer without one", err)
	}
	var used *store.InUseError
	if _, err := stack.OpenInside(t.Context(), cfg, quiet); !errors.As(err, &used) {
		t.Errorf("beside a serving process: got %v, want that the databases are in use", err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}

	inside, err := stack.OpenInside(t.Context(), cfg, quiet)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, path, body string, headers ...string) (int, string) {
		t.Helper()
		client := http.Client{Transport: inside.Transport()}
		return fetch(t, &client, method, control.Base+path, body, headers...)
	}
	const asJSON = "Content-Type: application/json"
	if status, body := ask("POST", "/hydra/admin/clients", `{"client_id":"made-inside"}`, asJSON); status != 201 {
		t.Errorf("making a client: got %d %s", status, body)
	}
	for name, c := range map[string]struct {
		body    string
		headers []string
		want    int
	}{
		"a page's request":                {`{}`, []string{asJSON, "Origin: https://evil.example"}, 403},
		"a body of another type":          {`{}`, []string{"Content-Type: text/plain"}, 415},
		"an address that is not admitted": {`{"redirect_uris":["javascript:alert(1)"]}`, []string{asJSON}, 400},
	} {
		if got, body := ask("POST", "/hydra/admin/clients", c.body, c.headers...); got != c.want {
			t.Errorf("%s: got %d %s, want %d", name, got, body, c.want)
		}
	}
	if status, body := ask("GET", "/kratos/admin/identities", ""); status != 200 || strings.TrimSpace(body) != "[]" {
		t.Errorf("listing people: got %d %s", status, body)
	}
	inside.Close(t.Context())

	book, err := stack.OpenAudit(t.Context(), cfg, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	var outcomes []string
	err = book.Each(t.Context(), audit.Filter{}, func(r audit.Read) error {
		if r.Kind == audit.AdminChange && strings.Contains(string(r.Details), "/admin/clients") && strings.HasPrefix(r.Actor, audit.ActorAdmin+"command uid=") {
			outcomes = append(outcomes, string(r.Outcome))
		}
		return nil
	})
	if err != nil || !slices.Contains(outcomes, string(audit.Done)) || !slices.Contains(outcomes, string(audit.Failed)) {
		t.Errorf("got %v, %v on record, want the change that was made and the one that was refused", outcomes, err)
	}

	// Nothing is left behind that keeps a process from serving.
	again := Start(t, append(opts, Set("admin.token_file", ""))...)
	if status, body := fetch(t, http.DefaultClient, "GET", again.URLs.HydraAdmin+"/admin/clients/made-inside", ""); status != 200 {
		t.Errorf("serving again: got %d %s, want the client", status, body)
	}
}
