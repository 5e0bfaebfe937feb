package stacktest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Why a test is not on the stand-in.
const (
	onSQLite   = "it is on SQLite, whatever stands in for CockroachDB"
	migrates   = "it migrates, and the migrations of CockroachDB do not run on PostgreSQL"
	localities = "it is about localities, which PostgreSQL does not have"
	itsScheme  = "it names PostgreSQL by its own scheme"
	itsFile    = "it looks into the file of a database, which only SQLite has"
	forRaces   = "it is for the race detector, which runs it under postgres://"
)

// onlyOnStandIn skips where nothing retries transactions: the engines do so under cockroach:// only.
func onlyOnStandIn(t *testing.T) {
	t.Helper()
	if !StandIn() {
		t.Skip("SKIP: needs a cockroach:// URL; make test-crdb sets " + StandInVariable)
	}
}

// notOnStandIn skips there, and remembers it: what is skipped is a golden.
func notOnStandIn(t *testing.T, reason string) {
	t.Helper()
	if StandIn() {
		skips.add(t.Name() + ": " + reason)
		t.Skip("SKIP: " + reason)
	}
}

// skips are those of this run.
var skips skipped

type skipped struct {
	mu    sync.Mutex
	lines []string
}

func (s *skipped) add(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

// check compares with the golden, after a run of all tests on the stand-in.
func (s *skipped) check() error {
	for _, name := range []string{"test.run", "test.skip"} {
		if f := flag.Lookup(name); !StandIn() || f == nil || f.Value.String() != "" {
			return nil
		}
	}
	slices.Sort(s.lines)
	got := strings.Join(s.lines, "\n") + "\n"
	path := filepath.Join("testdata", "standin-skips.txt")
	if *update {
		return os.WriteFile(path, []byte(got), 0o600)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if string(want) != got {
		return fmt.Errorf("what is skipped on the stand-in is not what %s says; got:\n%s", path, got)
	}
	return nil
}
