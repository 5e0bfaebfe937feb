package cli

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"example.com/identityd/configs"
)

func TestConfigInitWritesAFileThatIsReady(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := run(t, nil, "config", "init")
	want := "wrote stack.yaml (profile development)\nnext: identityd serve\n"
	if code != exitOK || stdout != want || stderr != "" {
		t.Fatalf("got exit code %d, stdout %q and stderr %q, want 0 and %q", code, stdout, stderr, want)
	}
	code, stdout, stderr = run(t, nil, "config", "check")
	if code != exitOK || !strings.HasSuffix(stdout, "/stack.yaml: ok (profile development, database sqlite)\n") || stderr != "" {
		t.Errorf("got exit code %d, stdout %q and stderr %q from check, want ok", code, stdout, stderr)
	}
}

func TestConfigInitTellsProductionWhatIsLeftToDo(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := run(t, nil, "config", "init", "--profile", "production", "--output", "prod.yaml")
	want := "wrote prod.yaml (profile production)\n" +
		"next: put in your host names, make the secrets (the commands are in the file), then\n" +
		"      identityd config check --config prod.yaml\n"
	if code != exitOK || stdout != want || stderr != "" {
		t.Fatalf("got exit code %d, stdout %q and stderr %q, want 0 and %q", code, stdout, stderr, want)
	}
	code, _, stderr = run(t, nil, "config", "check", "--config", "prod.yaml")
	if code != exitConfig {
		t.Errorf("got exit code %d from check without the secrets, want 2", code)
	}
	for line := range strings.Lines(stderr) {
		if !strings.Contains(line, ": reading /run/secrets/") && !strings.HasSuffix(line, " problems [configuration_wrong]\n") {
			t.Errorf("check finds more than missing secrets: %s", line)
		}
	}
}

func TestConfigInitPrintsToStdout(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := run(t, nil, "config", "init", "--profile", "production", "-o", "-")
	want, err := fs.ReadFile(configs.FS(), "init.production.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if code != exitOK || stdout != string(want) || stderr != "" {
		t.Errorf("got exit code %d, stderr %q and stdout %q, want the file alone", code, stderr, stdout)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("got files %v and error %v, want none", left, err)
	}
}

func TestConfigInitRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		args   []string
		code   int
		stderr string
	}{
		{
			"to overwrite a file", nil, exitFailure,
			"identityd: writing stack.yaml: it is there already; move it away, or name another file with --out\n",
		},
		{
			"a profile that does not exist",
			[]string{"--profile", "prod", "-o", "other.yaml"},
			exitConfig,
			"identityd: --profile wants development or production (got \"prod\")\nRun identityd config init --help for more [usage_wrong]\n",
		},
		{
			"no file at all",
			[]string{"--out", ""},
			exitConfig,
			"identityd: --out wants a file, or - for stdout\nRun identityd config init --help for more [usage_wrong]\n",
		},
		{
			"a folder that is not there",
			[]string{"-o", "absent/stack.yaml"},
			exitFailure,
			"identityd: writing configuration: open absent/stack.yaml: no such file or directory\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			code, stdout, stderr := run(t, map[string]string{"stack.yaml": "mine"}, append([]string{"config", "init"}, tt.args...)...)
			if code != tt.code || stdout != "" || stderr != tt.stderr {
				t.Errorf("got exit code %d, stdout %q and stderr %q, want %d and %q", code, stdout, stderr, tt.code, tt.stderr)
			}
			if kept, err := os.ReadFile("stack.yaml"); err != nil || string(kept) != "mine" {
				t.Errorf("got %q and error %v, want the file untouched", kept, err)
			}
		})
	}
}
