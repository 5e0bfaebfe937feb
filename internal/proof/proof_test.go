package proof

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestVersions(t *testing.T) {
	got := versions(fstest.MapFS{
		"results/README.md":                 {},
		"results/cockroachdb-v24.3.5.json":  {},
		"results/cockroachdb-v25.2.10.json": {},
		"results/cockroachdb-v25.2.10.txt":  {},
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
