package proof

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestVersions(t *testing.T) {
	result := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	got := versions(fstest.MapFS{
		"results/README.md":                 {},
		"results/cockroachdb-v24.3.5.json":  result(`{"cockroachdb": "v24.3.5", "passed": true, "tests": []}`),
		"results/cockroachdb-v25.2.10.json": result(`{"cockroachdb": "v25.2.10", "passed": true}`),
		"results/cockroachdb-v25.2.10.txt":  result(`{"cockroachdb": "v25.2.10", "passed": true}`),
		// One that failed, one that was renamed, and one that is none.
		"results/cockroachdb-v25.3.1.json": result(`{"cockroachdb": "v25.3.1", "passed": false}`),
		"results/cockroachdb-v25.4.1.json": result(`{"cockroachdb": "v25.2.10", "passed": true}`),
		"results/cockroachdb-v26.1.0.json": result("passed"),
	})
	if diff := cmp.Diff([]string{"v24.3.5", "v25.2.10"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// Whatever is committed has to be read.
	for _, v := range Versions() {
		if series(v) == "" || !Has(v) {
			t.Errorf("the result of %q is of no version", v)
		}
	}
}

func TestHas(t *testing.T) {
	for version, want := range map[string]bool{
		"v24.3.5": true, "v24.3.9": true, "v24.3.0-beta.1": true, "v24.1.5": false, "v25.3.0": false, "v2.4.3": false, "": false, "24.3.5": false,
	} {
		if got := has([]string{"v24.3.5", "nonsense"}, version); got != want {
			t.Errorf("%q: got %v, want %v", version, got, want)
		}
	}
}
