// Package plaintest gives tests of other packages the plain pages.
package plaintest

import (
	"net/http"
	"testing"

	"example.com/identityd/internal/locale"
	"example.com/identityd/internal/plainpage"
)

// Middleware returns what puts English pages of a service named identityd into requests.
func Middleware(t testing.TB) func(http.Handler) http.Handler {
	t.Helper()
	texts, err := locale.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plainpage.New(texts, "identityd")
	if err != nil {
		t.Fatal(err)
	}
	return p.Middleware
}
