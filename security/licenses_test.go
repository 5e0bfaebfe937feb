package security

import (
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/licenses"
	"example.com/identityd/internal/tried"
)

// allowed are the licenses that a binary under Apache-2.0 may be given away with when their texts come along,
// which identityd licenses does. MPL-2.0 asks for the source of its own files: unchanged, at the address in
// the head of that text.
var allowed = []string{
	"Apache-2.0", "BSD-2-Clause", "BSD-2-Clause-Views", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MPL-2.0",
	"blessing", // SQLite's: public domain
}

// forbidden says which parts of an SPDX expression may not be linked.
func forbidden(expression string) []string {
	var out []string
	for _, id := range strings.Split(expression, " AND ") {
		if !slices.Contains(allowed, id) {
			out = append(out, id)
		}
	}
	return out
}

func TestEveryLinkedModuleHasAnAllowedLicense(t *testing.T) {
	known := map[string]licenses.Module{}
	for _, m := range licenses.Modules() {
		known[m.Path] = m
		if bad := forbidden(m.License); len(bad) > 0 {
			t.Errorf("%s is under %s, which nobody has allowed: %v", m.Path, m.License, bad)
		}
	}
	linked := 0
	for path, m := range modules(t) {
		got, ok := known[path]
		switch linked++; {
		case !ok:
			t.Errorf("%s is linked, and its license is not in internal/licenses: run make licenses", path)
		case path != "std" && got.Version != m.asked: // Go's is that of whoever made the file
			t.Errorf("%s: the license is that of %s, %s is linked: run make licenses", path, got.Version, m.asked)
		}
	}
	if len(known) < 200 {
		t.Errorf("got %d modules with a license, which cannot be all", len(known))
	}
	tried.Report(t, "Linking a module without a license, or under one that nobody allowed",
		"%d modules are linked, all under %s", linked, strings.Join(allowed, ", "))
}

func TestAForbiddenLicenseIsSeen(t *testing.T) {
	for expression, want := range map[string]int{"MIT": 0, "Apache-2.0 AND MIT": 0, "UNKNOWN": 1, "GPL-3.0 AND MIT": 1, "": 1, "AGPL-3.0": 1} {
		if got := forbidden(expression); len(got) != want {
			t.Errorf("%q: got %v, want %d", expression, got, want)
		}
	}
}

func TestEveryTextOfALicenseIsThere(t *testing.T) {
	text := licenses.Text()
	for _, line := range strings.Split(strings.TrimSpace(licenses.List()), "\n") {
		fields := strings.Split(line, " | ")
		if len(fields) != 3 || !strings.Contains(fields[2], "[") {
			t.Errorf("no text for %q", line)
			continue
		}
		for _, number := range strings.Fields(fields[2]) {
			if !strings.Contains(text, "\n==== "+number+" ") {
				t.Errorf("%s: there is no text %s", fields[0], number)
			}
		}
	}
}
