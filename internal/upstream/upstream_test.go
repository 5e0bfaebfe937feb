package upstream

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	sqlite "modernc.org/sqlite/lib"
)

func known(t *testing.T) Facts {
	t.Helper()
	f, err := Known()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestTheEnginesAreThoseThatGoModNames also finds a commit that is not the one of its version, where this machine's
// module cache knows it.
func TestTheEnginesAreThoseThatGoModNames(t *testing.T) {
	names := []string{}
	origins := 0
	for _, e := range known(t).Engines {
		names = append(names, e.Name)
		m := module(t, e.Module)
		if m.Version != e.Version {
			t.Errorf("%s: the file says %s, linked is %s: bring internal/upstream/upstream.json up to date", e.Name, e.Version, m.Version)
		}
		if e.Commit == "" && pseudo.MatchString(e.Version) {
			t.Errorf("%s: its version names a commit, and the file has none", e.Name)
		}
		if p := pseudo.FindStringSubmatch(e.Version); p != nil && !strings.HasPrefix(e.Commit, p[1]) {
			t.Errorf("%s: got commit %s, want one that begins with %s", e.Name, e.Commit, p[1])
		}
		info := origin(t, m)
		if info.Origin.Hash != "" {
			origins++
			if info.Origin.Hash != e.Commit {
				t.Errorf("%s: got commit %s, the module proxy says %s", e.Name, e.Commit, info.Origin.Hash)
			}
		}
		if info.Time != e.Date {
			t.Errorf("%s: got date %s, the module proxy says %s", e.Name, e.Date, info.Time)
		}
	}
	for _, want := range []string{"Hydra", "Kratos", "fosite", "ory/x", "cockroach-go", "SQLite"} {
		if !slices.Contains(names, want) {
			t.Errorf("got no %s", want)
		}
	}
	t.Logf("%d of %d commits are the module proxy's own word", origins, len(names))
}

var pseudo = regexp.MustCompile(`-0\.\d{14}-([0-9a-f]{12})$`)

type listed struct {
	Path, Version, GoMod string
	Replace              *listed
}

// module is what is linked for a path, from go list and not from the file.
func module(t *testing.T, path string) listed {
	t.Helper()
	asked := path
	if path == "github.com/ory/pop/v6" { // by the name that it stands in for
		asked = "github.com/gobuffalo/pop/v6"
	}
	raw, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-json", asked).Output()
	if err != nil {
		t.Fatal(err)
	}
	var m listed
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	if m.Replace != nil {
		m = *m.Replace
	}
	if m.Path != path {
		t.Errorf("got %s for %s", m.Path, path)
	}
	return m
}

type origins struct {
	Time   string
	Origin struct{ Hash string }
}

// origin reads what the module proxy said of a version; it lies beside the module's go.mod in the cache.
func origin(t *testing.T, m listed) origins {
	t.Helper()
	raw, err := os.ReadFile(strings.TrimSuffix(m.GoMod, ".mod") + ".info")
	if os.IsNotExist(err) { // go mod download fetches it, go build does not
		if out, err := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", m.Path+"@"+m.Version).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		raw, err = os.ReadFile(strings.TrimSuffix(m.GoMod, ".mod") + ".info")
	}
	if err != nil {
		t.Fatal(err)
	}
	var o origins
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestTheVersionOfSQLiteIsThatOfItsModule(t *testing.T) {
	want := "SQLite " + sqlite.SQLITE_VERSION
	for _, e := range known(t).Engines {
		if e.Module == "modernc.org/sqlite" && e.Inside != want {
			t.Errorf("the file says %s, the module is %s", e.Inside, want)
		}
	}
}

func TestNoKetoIsLinked(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "licenses", "third_party.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), "github.com/ory/keto") {
		t.Error("Keto is linked, and identityd version --engines says that it is not")
	}
}

func TestWhatAProgramSaysOfItselfWins(t *testing.T) {
	engines := []Engine{
		{Name: "a", Module: "example.org/a", Version: "v1.0.0", Commit: "aaaa", Date: "then"},
		{Name: "b", Module: "example.org/b", Version: "v1.0.0", Commit: "bbbb", Inside: "B 3"},
		{Name: "c", Module: "example.org/fork", Version: "v2.0.0", Commit: "cccc"},
		{Name: "d", Module: "example.org/gone", Version: "v1.0.0"},
	}
	got := Linked(engines, &debug.BuildInfo{Deps: []*debug.Module{
		{Path: "example.org/a", Version: "v1.0.0", Sum: "h1:a"},
		{Path: "example.org/b", Version: "v1.1.0", Sum: "h1:b"},
		{Path: "example.org/original", Version: "v1.0.0", Replace: &debug.Module{Path: "example.org/fork", Version: "v2.0.0", Sum: "h1:c"}},
	}})
	want := []Engine{
		{Name: "a", Module: "example.org/a", Version: "v1.0.0", Commit: "aaaa", Date: "then", Sum: "h1:a"},
		{Name: "b", Module: "example.org/b", Version: "v1.1.0", Sum: "h1:b"},
		{Name: "c", Module: "example.org/fork", Version: "v2.0.0", Commit: "cccc", Sum: "h1:c"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
