package cli

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
)

func TestExitCodesTellWhetherTryingAgainHelps(t *testing.T) {
	problems := &config.Problems{List: []config.Problem{
		{Path: "listen.ui", Message: "must be host:port"}, {Path: "urls.ui", Message: "must be set"},
	}}
	for _, tt := range []struct {
		name   string
		err    error
		code   int
		stderr string
	}{
		{"success says nothing", nil, 0, ""},
		{
			"a wrong configuration is told line by line", fmt.Errorf("loading: %w", problems), 2,
			"listen.ui: must be host:port\nurls.ui: must be set\nidentityd: the configuration has 2 problems [configuration_wrong]\n",
		},
		{
			"wrong arguments point to the help", &usageError{errors.New("unknown flag: --prot")}, 2,
			"identityd: unknown flag: --prot\nRun identityd serve --help for more [usage_wrong]\n",
		},
		{
			"anything else is a failure in one line", errors.New("opening hydra database: refused"), 1,
			"identityd: opening hydra database: refused\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stderr strings.Builder
			a := &app{stderr: &stderr}
			serve, _, err := a.root().Find([]string{"serve"})
			if err != nil {
				t.Fatal(err)
			}
			if got := a.exitCode(serve, tt.err); got != tt.code {
				t.Errorf("got exit code %d, want %d", got, tt.code)
			}
			if diff := cmp.Diff(tt.stderr, stderr.String()); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}

func TestArgumentsThatAreNoCommand(t *testing.T) {
	for _, tt := range []struct{ name, args, want, help string }{
		{"a mistyped command names the nearest", "serv", `unknown command "serv" for "identityd"; did you mean serve?`, "identityd"},
		{"so does one below another", "config chekc", `unknown command "chekc" for "identityd config"; did you mean check?`, "identityd config"},
		{"one that resembles none names none", "frobnicate", `unknown command "frobnicate" for "identityd"`, "identityd"},
		{"serve takes no argument", "serve now", `unknown command "now" for "identityd serve"`, "identityd serve"},
		{"a flag of serve is none of version", "version --set a=b", "unknown flag: --set", "identityd version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			if got := Main(strings.Fields(tt.args), &stdout, &stderr); got != 2 {
				t.Errorf("got exit code %d, want 2", got)
			}
			want := "identityd: " + tt.want + "\nRun " + tt.help + " --help for more [usage_wrong]\n"
			if diff := cmp.Diff(want, stderr.String()); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
			if stdout.String() != "" {
				t.Errorf("stdout: got %q, want nothing", stdout.String())
			}
		})
	}
}

func TestFlagsWinOverTheEnvironmentAndTheFile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write(t, "stack.yaml", "profile: development\nregion: from-file\n")
	write(t, "other.yaml", "profile: development\nregion: from-other\n")
	for _, tt := range []struct {
		name    string
		flags   configFlags
		environ []string
		want    string
	}{
		{"the file in the working directory is found", configFlags{}, nil, "from-file"},
		{"the environment names another", configFlags{}, []string{"IDENTITYD_CONFIG=other.yaml"}, "from-other"},
		{
			"the flag names one, whatever the environment says",
			configFlags{file: "stack.yaml"},
			[]string{"IDENTITYD_CONFIG=other.yaml"},
			"from-file",
		},
		{"a variable wins over the file", configFlags{}, []string{"IDENTITYD_REGION=from-variable"}, "from-variable"},
		{
			"--set wins over a variable",
			configFlags{set: []string{"region=from-flag"}},
			[]string{"IDENTITYD_REGION=from-variable"},
			"from-flag",
		},
		{"the last --set of a word wins", configFlags{set: []string{"region=a", "region=b"}}, nil, "b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := &app{flags: tt.flags, environ: tt.environ}
			cfg, err := a.load()
			if err != nil {
				t.Fatal(err)
			}
			if cfg.Region != tt.want {
				t.Errorf("got region %q, want %q", cfg.Region, tt.want)
			}
		})
	}
}

func TestATakenPortIsAFailureInOneLine(t *testing.T) {
	t.Chdir(t.TempDir())
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	args := []string{"serve", "--set", "listen.ui=" + ln.Addr().String()}
	for _, name := range []string{"hydra_public", "kratos_public", "hydra_admin", "kratos_admin", "ops"} {
		args = append(args, "--set", "listen."+name+"=127.0.0.1:0")
	}
	var stdout, stderr strings.Builder
	if got := Main(args, &stdout, &stderr); got != 1 {
		t.Errorf("got exit code %d, want 1", got)
	}
	want := fmt.Sprintf("identityd: binding listen.ui: listen tcp %s: bind: address already in use [address_taken]\n", ln.Addr())
	if diff := cmp.Diff(want, stderr.String()); diff != "" {
		t.Errorf("stderr (-want +got):\n%s", diff)
	}
	if stdout.String() != "" {
		t.Errorf("stdout: got %q, want nothing", stdout.String())
	}
	if made, err := filepath.Glob("*"); err != nil || len(made) != 0 {
		t.Errorf("got %v in the folder (%v), want nothing made", made, err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
