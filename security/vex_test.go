package security

import (
	"encoding/json"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/tried"
)

// document is what of OpenVEX 0.2.0 is used here.
type document struct {
	Context    string `json:"@context"`
	ID         string `json:"@id"`
	Author     string
	Timestamp  string
	Version    int
	Statements []statement
}

type statement struct {
	Vulnerability struct {
		Name    string
		Aliases []string
	}
	Products []struct {
		ID            string `json:"@id"`
		Subcomponents []struct {
			ID string `json:"@id"`
		}
	}
	Status, Justification string
	Impact                string `json:"impact_statement"`
}

func statements(t *testing.T) []statement {
	t.Helper()
	var doc document
	if err := json.Unmarshal([]byte(read(t, "vex.json")), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Context != "https://openvex.dev/ns/v0.2.0" || doc.ID == "" || doc.Author == "" || doc.Timestamp == "" || doc.Version < 1 {
		t.Errorf("vex.json lacks what a document has to have: %+v", doc)
	}
	return doc.Statements
}

// unlinked are packages without which the flaws cannot be there.
var unlinked = map[string][]string{
	"GO-2026-4807":   {"github.com/ory/x/pagination/keysetpagination_v2", "github.com/ory/pop/v6/keysetpagination"},
	"GO-2026-4801":   {"github.com/ory/x/pagination/keysetpagination_v2"},
	"GO-2026-4887":   {"github.com/docker/docker/client", "github.com/docker/docker/daemon", "github.com/docker/docker/pkg/authorization"},
	"CVE-2025-22868": {"golang.org/x/oauth2/jws"},
	"GO-2026-5932":   {"golang.org/x/crypto/openpgp/clearsign"},
	"CVE-2025-52881": {"github.com/opencontainers/runc/libcontainer"},
}

// never are packages that no advisory of theirs can make a fault of ours.
var never = []string{"golang.org/x/crypto/ssh", "golang.org/x/crypto/ssh/agent", "golang.org/x/oauth2/jws", "net/http/pprof"}

// TestNoStatementOutlivesItsReason holds security/vex.json against what is linked.
func TestNoStatementOutlivesItsReason(t *testing.T) {
	here := map[string]bool{}
	for _, p := range everywhere(t) {
		here[p.ImportPath] = true
	}
	linked := modules(t)
	tests := allTests(t)
	all := statements(t)
	seen := map[string]bool{}
	for _, s := range all {
		name := s.Vulnerability.Name
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
		for _, p := range unlinked[name] {
			if here[p] {
				t.Errorf("%s: %s is linked, so that the statement does not hold any more", name, p)
			}
		}
		for _, problem := range s.problems(linked, tests) {
			t.Errorf("%s: %s", name, problem)
		}
	}
	for name := range unlinked {
		if !seen[name] {
			t.Errorf("%s has a check and no statement", name)
		}
	}
	for _, p := range never {
		if here[p] {
			t.Errorf("%s is linked", p)
		}
	}
	tried.Report(t, "Keeping a statement of security/vex.json whose reason is gone",
		"%d statements name the linked versions and tests that exist; of %d packages looked for none is linked", len(all), len(never)+len(unlinked))
}

// problems says what a statement lacks.
func (s statement) problems(linked map[string]module, tests []string) []string {
	var out []string
	justified := []string{
		"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
		"vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist",
	}
	switch {
	case s.Status == "not_affected" && !slices.Contains(justified, s.Justification):
		out = append(out, "not_affected needs a justification, got "+s.Justification)
	case s.Status == "affected" || s.Status == "under_investigation" || s.Status == "":
		out = append(out, "the status "+s.Status+" says that something has to be done: do it")
	}
	if s.Impact == "" || len(s.Products) == 0 {
		out = append(out, "there is no reason or no product")
	}
	for _, p := range s.Products {
		for _, sub := range p.Subcomponents {
			path, version, _ := strings.Cut(strings.TrimPrefix(sub.ID, "pkg:golang/"), "@")
			if got := linked[path].version; got != version {
				out = append(out, path+" "+version+" is not what is linked ("+got+"): judge again")
			}
		}
	}
	for _, name := range regexp.MustCompile(`Test[A-Z]\w+`).FindAllString(s.Impact, -1) {
		if !slices.Contains(tests, name) {
			out = append(out, "there is no test "+name)
		}
	}
	return out
}

// TestAStatementOfAnotherVersionIsSeen shows that the check can fail.
func TestAStatementOfAnotherVersionIsSeen(t *testing.T) {
	s := statements(t)[0]
	linked := map[string]module{"github.com/ory/hydra/v2": {path: "github.com/ory/hydra/v2", version: "v2.4.0"}}
	if got := strings.Join(s.problems(linked, nil), "\n"); !strings.Contains(got, "judge again") || !strings.Contains(got, "there is no test") {
		t.Errorf("got %q", got)
	}
}

// allTests are the names of all tests of the product.
func allTests(t *testing.T) []string {
	t.Helper()
	var out []string
	declared := regexp.MustCompile(`(?m)^func (Test[A-Z]\w+)\(`)
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		for _, m := range declared.FindAllStringSubmatch(read(t, name), -1) {
			out = append(out, m[1])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
