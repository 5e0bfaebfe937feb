// Package golden compares what a test made with a file that people review.
package golden

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Flag registers -update in a test binary. It is called from a package-level variable of a test file,
// because flags have to exist before they are parsed.
func Flag() *bool { return flag.Bool("update", false, "write the golden files anew") }

// JSON compares v, written as indented JSON, with the file testdata/name, or writes the file.
func JSON(t testing.TB, update bool, name string, v any) {
	t.Helper()
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	Text(t, update, name, string(raw)+"\n")
}

// Text compares a text with the file testdata/name, or writes the file.
func Text(t testing.TB, update bool, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("reading golden (run make golden): %v", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); run make golden if that is meant:\n%s", path, diff)
	}
}
