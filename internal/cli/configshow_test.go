package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// run runs the command line in a folder that holds files, with no variable of ours set.
func run(t *testing.T, files map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "IDENTITYD_") {
			t.Setenv(name, "")
		}
	}
	for name, content := range files {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	code = Main(args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestConfigShowSaysWhatAppliesAndWhy(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("IDENTITYD_REGION", "eu-west-1")
	var out, errs bytes.Buffer
	if err := os.WriteFile("stack.yaml", []byte("profile: development\nmail: {smtp_url: 'smtps://u:hunter2@mail'}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := Main([]string{"config", "show", "--set", "tokens.access=5m"}, &out, &errs); code != exitOK || errs.Len() > 0 {
		t.Fatalf("got exit code %d and %q on stderr", code, errs.String())
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if lines[0] != "# "+filepath.Join(dir, "stack.yaml") {
		t.Errorf("got first line %q, want the file", lines[0])
	}
	got := map[string]bool{}
	for _, line := range lines {
		got[strings.TrimSpace(line)] = true
	}
	for _, want := range []string{
		"profile: development # file", "region: eu-west-1 # IDENTITYD_REGION", "access: 5m # flag",
		"smtp_url: smtps://***@mail:465 # file", "from: no-reply@localhost # default",
	} {
		if !got[want] {
			t.Errorf("line %q is missing from:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "hunter2") {
		t.Error("a secret is shown")
	}
}

func TestConfigShowPrintsJSON(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := run(t, nil, "config", "show", "--json")
	if code != exitOK || stderr != "" {
		t.Fatalf("got exit code %d and %q on stderr", code, stderr)
	}
	var got struct {
		Source   string
		Settings struct{ Profile string }
		Origins  map[string]string
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	want := []string{"", "development", "default"}
	if diff := cmp.Diff(want, []string{got.Source, got.Settings.Profile, got.Origins["profile"]}); diff != "" {
		t.Errorf("JSON differs (-want +got):\n%s", diff)
	}
}

func TestConfigShowRefusesWhatIsWrong(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := run(t, map[string]string{"stack.yaml": "profile: development\nlisten: {ui: 3000}\n"}, "config", "show")
	want := "listen.ui: must be host:port, unix:/path or off (got \"3000\"); write :3000\n"
	if code != exitConfig || stdout != "" || !strings.HasPrefix(stderr, want) || !strings.HasSuffix(stderr, "/stack.yaml has 1 problem [configuration_wrong]\n") {
		t.Errorf("got exit code %d, stdout %q and stderr %q, want 2, nothing and %q with how many there are", code, stdout, stderr, want)
	}
}
