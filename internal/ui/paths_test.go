package ui

import (
	"testing"

	"example.com/identityd/internal/gateway"
)

// TestNoPageIsHiddenBehindAnEngine: behind the gateway the paths of the engines come first.
func TestNoPageIsHiddenBehindAnEngine(t *testing.T) {
	u := newUI(t, engines())
	rows := u.table()
	if len(rows) == 0 {
		t.Fatal("got no page, want all")
	}
	paths := []string{"/assets/{name}", "/favicon.ico", "/robots.txt"}
	for _, row := range rows {
		paths = append(paths, row.path)
	}
	for _, path := range paths {
		if got := gateway.PartOf(path); got != gateway.Pages {
			t.Errorf("%s: the gateway sends it to %s", path, got)
		}
	}
}
