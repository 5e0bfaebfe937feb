package adminguard

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestALeakedTokenIsReplaced(t *testing.T) {
	leaked, line, err := New("deploy", []Scope{Clients, Read})
	if err != nil {
		t.Fatal(err)
	}
	kept, other, err := NewUntil("hr", []Scope{Identities}, mustDay(t, "2099-12-31"))
	if err != nil {
		t.Fatal(err)
	}
	was := "# who may\n" + line + "\n\n" + other + "\n"
	now, made, err := Replace([]byte(was), "deploy")
	if err != nil {
		t.Fatal(err)
	}
	if len(made) != 1 || made[0].Name != "deploy" || made[0].Scopes != "clients,read" {
		t.Fatalf("got %+v", made)
	}
	if text := string(now); !strings.HasPrefix(text, "# who may\ndeploy clients,read sha256:") || !strings.HasSuffix(text, "\n\n"+other+"\n") || strings.Contains(text, line) {
		t.Errorf("got %s", text)
	}
	path := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(path, now, 0o600); err != nil {
		t.Fatal(err)
	}
	tokens, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]bool{leaked: false, kept: true, made[0].Token: true} {
		if _, got := tokens.find(token); got != want {
			t.Errorf("%s: got %t, want that it opens: %t", token[:10], got, want)
		}
	}
	all, made, err := Replace([]byte(was), "")
	if err != nil || len(made) != 2 || !strings.Contains(string(all), "until:2099-12-31") || strings.Contains(string(all), other) {
		t.Errorf("got %s, %v, want both replaced, and the end kept", all, err)
	}
	if _, _, err := Replace([]byte(was), "nobody"); err == nil || !strings.Contains(err.Error(), "the tokens are deploy, hr") {
		t.Errorf("got %v, want the names there are", err)
	}
}

func mustDay(t *testing.T, text string) time.Time {
	t.Helper()
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return day
}
