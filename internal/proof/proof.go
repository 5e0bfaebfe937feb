package proof

import (
	"embed"
	"encoding/json"
	"io/fs"
	"path"
	"strings"
)

//go:embed results
var results embed.FS

// prefix and suffix are what a result file is called around the version, as in cockroachdb-v24.3.5.json.
const (
	prefix = "cockroachdb-"
	suffix = ".json"
)

// Versions returns the versions of which there is a result that passed, as SELECT version() writes them.
func Versions() []string { return versions(results) }

func versions(from fs.FS) []string {
	names, err := fs.Glob(from, path.Join("results", prefix+"v*"+suffix))
	if err != nil { // a pattern that is wrong, and it is constant
		return nil
	}
	var out []string
	for _, name := range names {
		version := strings.TrimSuffix(strings.TrimPrefix(path.Base(name), prefix), suffix)
		if passed(from, name, version) {
			out = append(out, version)
		}
	}
	return out
}

// passed reads what internal/crdbtest/report has written. A file that was renamed proves nothing.
func passed(from fs.FS, name, version string) bool {
	raw, err := fs.ReadFile(from, name)
	if err != nil {
		return false
	}
	var result struct {
		CockroachDB string `json:"cockroachdb"`
		Passed      bool   `json:"passed"`
	}
	return json.Unmarshal(raw, &result) == nil && result.Passed && result.CockroachDB == version
}

// Has reports whether there is a result of the series of a version: v24.3.5 proves v24.3.9 too, since
// patches change no behavior, and v25.1.0 not.
func Has(version string) bool { return has(Versions(), version) }

func has(proven []string, version string) bool {
	for _, one := range proven {
		if series(one) != "" && series(one) == series(version) {
			return true
		}
	}
	return false
}

// series returns the first two numbers, v24.3, or nothing.
func series(version string) string {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 || !strings.HasPrefix(version, "v") {
		return ""
	}
	return parts[0] + "." + parts[1]
}
