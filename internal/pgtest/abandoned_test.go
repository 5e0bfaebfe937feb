package pgtest_test

import (
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/pgtest"
)

const abandonVariable = "PGTEST_ABANDON"

// The process of a test that panics or exceeds its time limit runs no cleanup.
func TestNothingIsLeftByAnAbandonedProcess(t *testing.T) {
	if os.Getenv(abandonVariable) != "" {
		s := pgtest.Start(t)
		s.Freeze()
		os.Stdout.WriteString("URL=" + s.URL() + "\n") //nolint:errcheck // the parent misses it
		os.Exit(3)
	}
	// Skips where there is nothing to start.
	pgtest.Shared(t)
	folder, err := os.MkdirTemp("", "pgtest-abandoned-") //nolint:usetesting // as in newCluster
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) }) //nolint:errcheck // the next line of the test looks
	if err := os.Chmod(folder, 0o711); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), abandonVariable+"=yes", "TMPDIR="+folder, "IDENTITYD_TEST_POSTGRES_URL=")
	out, err := cmd.Output()
	if code := cmd.ProcessState.ExitCode(); code != 3 {
		t.Fatalf("got exit code %d (%v), want 3\n%s", code, err, out)
	}
	_, rest, _ := strings.Cut(string(out), "URL=")
	u, err := url.Parse(strings.TrimSpace(strings.SplitN(rest, "\n", 2)[0]))
	if err != nil || u.Host == "" {
		t.Fatalf("got no URL: %s", out)
	}

	tick, limit := time.NewTicker(50*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for {
		left, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		conn, dialErr := net.Dial("tcp", u.Host)
		if dialErr == nil {
			conn.Close()
		}
		if len(left) == 0 && dialErr != nil {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("folders left: %v; server gone: %v", left, dialErr != nil)
		}
	}
}

func TestSomebodyElsesServer(t *testing.T) {
	own := pgtest.Shared(t)
	t.Setenv("IDENTITYD_TEST_POSTGRES_URL", own.URL())
	if got, want := pgtest.Shared(t).URL(), own.URL(); got != want {
		t.Errorf("Shared: got %s, want the server of the variable", got)
	}
	if got := pgtest.Start(t).URL(); got == own.URL() {
		t.Error("Start: got the server of the variable, which others use")
	}
	var hydra string
	t.Run("its databases are dropped", func(t *testing.T) {
		s := pgtest.Shared(t)
		hydra, _ = s.Databases(t)
		s.Admin(t, "CREATE DATABASE "+hydra)
	})
	const list = "SELECT count(*)::text FROM pg_database WHERE datname = '"
	if got := mustQuery(t, own.DatabaseURL("postgres"), list+hydra+"'"); got != "0" {
		t.Errorf("database %s is still there", hydra)
	}
}
