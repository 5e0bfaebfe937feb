package leaving

import (
	"bytes"
	"context" //nolint:gosec // RFC 6238
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const patience = 90 * time.Second

type programs struct{ identityd, hydra, kratos string }

// build makes the programs with the flags of the Makefile.
func build(ctx context.Context, t *testing.T) programs {
	t.Helper()
	dir := t.TempDir()
	p := programs{filepath.Join(dir, "identityd"), filepath.Join(dir, "hydra"), filepath.Join(dir, "kratos")}
	for program, from := range map[string][2]string{
		p.identityd: {"../..", "./cmd/identityd"}, p.hydra: {"..", "./official/hydra"}, p.kratos: {"..", "./official/kratos"},
	} {
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "sqlite", "-ldflags", "-s -w", "-o", program, from[1])
		cmd.Dir = from[0]
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("building %s: %v\n%s", from[1], err, out)
		}
	}
	return p
}

// set is an identityd, and then what came in its place.
type set struct {
	programs
	dir, files, nginx string
	// front is the one address; hydra and kratos are behind it, when they are apart.
	front, hydra, kratos, hydraAdmin, kratosAdmin string
	ports                                         map[string]string
	email                                         string
	stop                                          func()
	client                                        *http.Client
}

// start serves identityd under one address.
func start(ctx context.Context, t *testing.T, p programs, database string) *set {
	t.Helper()
	s := &set{programs: p, dir: t.TempDir(), client: &http.Client{Timeout: patience}, ports: freePorts(ctx, t, "front", "hydraAdmin", "kratosAdmin", "hydra", "kratos", "pages")}
	s.nginx, _ = exec.LookPath("nginx")
	s.files = filepath.Join(s.dir, "ory")
	s.front = "http://localhost:" + s.ports["front"]
	s.hydraAdmin, s.kratosAdmin = "http://127.0.0.1:"+s.ports["hydraAdmin"], "http://127.0.0.1:"+s.ports["kratosAdmin"]
	s.hydra, s.kratos = "http://127.0.0.1:"+s.ports["hydra"], "http://127.0.0.1:"+s.ports["kratos"]
	config := fmt.Sprintf("profile: development\norigin: %s\nlisten: {ui: %q, hydra_admin: %q, kratos_admin: %q, ops: \"off\"}\n%s",
		s.front, ":"+s.ports["front"], "127.0.0.1:"+s.ports["hydraAdmin"], "127.0.0.1:"+s.ports["kratosAdmin"], database)
	if err := os.WriteFile(filepath.Join(s.dir, "stack.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s.stop = s.run(ctx, t, s.dir, nil, p.identityd, "serve")
	s.wait(ctx, t, s.front+"/health/ready")
	return s
}

// leave writes the files while identityd serves, and stops it.
func (s *set) leave(ctx context.Context, t *testing.T) {
	t.Helper()
	cmd := exec.CommandContext(ctx, s.identityd, "eject", s.files, "--yes", "--json")
	cmd.Dir = s.dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ejecting: %v", err)
	}
	var said struct {
		Losses []any `json:"losses"`
	}
	if err := json.Unmarshal(out, &said); err != nil || len(said.Losses) == 0 {
		t.Errorf("what is lost is not listed: %v", err)
	}
	s.stop()
}

// migrate runs upstream's migrations with the files, and another database where env names one.
func (s *set) migrate(ctx context.Context, t *testing.T, hydra, kratos string) {
	t.Helper()
	for _, one := range [][]string{
		{hydra, s.programs.hydra, "migrate", "sql", "up", "-e", "--yes", "--config", "hydra.yml", "--config", "hydra.secrets.yml"},
		{kratos, s.programs.kratos, "migrate", "sql", "-e", "--yes", "--config", "kratos.yml", "--config", "kratos.secrets.yml"},
	} {
		cmd := exec.CommandContext(ctx, one[1], one[2:]...)
		cmd.Dir, cmd.Env = s.files, append(os.Environ(), one[0])
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("migrating: %v\n%s", err, out)
		}
	}
}

// plain starts the engines by themselves. Their public ports are others than in the files, because tests run beside
// others that have the usual ones.
func (s *set) plain(ctx context.Context, t *testing.T) {
	t.Helper()
	s.migrate(ctx, t, "NOTHING=", "NOTHING=")
	for _, one := range [][]string{
		{"SERVE_PUBLIC_PORT=" + s.ports["hydra"], s.programs.hydra, "serve", "all", "--sqa-opt-out", "--dev", "--config", "hydra.yml", "--config", "hydra.secrets.yml"},
		{"SERVE_PUBLIC_PORT=" + s.ports["kratos"], s.programs.kratos, "serve", "--sqa-opt-out", "--dev", "--config", "kratos.yml", "--config", "kratos.secrets.yml"},
	} {
		t.Cleanup(s.run(ctx, t, s.files, []string{one[0]}, one[1], one[2:]...))
	}
	s.wait(ctx, t, s.hydra+"/health/ready")
	s.wait(ctx, t, s.kratos+"/health/ready")
	if s.nginx == "" {
		s.front = s.hydra
		return
	}
	conf := filepath.Join(s.files, "nginx.conf")
	raw, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.NewReplacer(":4444;", ":"+s.ports["hydra"]+";", ":4433;", ":"+s.ports["kratos"]+";", ":4455;", ":"+s.ports["pages"]+";").Replace(string(raw))
	if err := os.WriteFile(conf, []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.run(ctx, t, s.files, nil, s.nginx, "-e", "stderr", "-c", conf, "-g", "daemon off; pid "+filepath.Join(s.dir, "nginx.pid")+";"))
	s.wait(ctx, t, s.front+"/.well-known/openid-configuration")
}

// run starts a program and returns what stops it.
func (s *set) run(ctx context.Context, t *testing.T, dir string, env []string, program string, args ...string) func() {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.Env = dir, &out, &out, append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Logf("%s was gone: %v", filepath.Base(program), err)
		}
		cmd.Wait() //nolint:errcheck // it was told to
		if t.Failed() {
			text := out.String()
			t.Logf("%s said at the end:\n%s", filepath.Base(program), text[max(0, len(text)-4000):])
		}
	}
	t.Cleanup(stop)
	return stop
}

func (s *set) wait(ctx context.Context, t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := s.client.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s is not ready", address)
		}
	}
}
