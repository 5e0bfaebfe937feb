package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"example.com/identityd/internal/alloctest"
	"example.com/identityd/internal/gateway"
)

func TestWhatFindingAPartCosts(t *testing.T) {
	nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	h := gateway.New(nothing, nothing, nothing)
	for path, most := range map[string]float64{
		"/login":            0,
		"/sessions/whoami":  2, // a request of its own, with an address of its own
		"/oauth2/../x/./y/": 5, // and its path, with the slash that stays
	} {
		t.Run(path, func(t *testing.T) {
			r, w := httptest.NewRequest(http.MethodGet, path, http.NoBody), httptest.NewRecorder()
			alloctest.AtMost(t, most, func() { h.ServeHTTP(w, r) })
		})
	}
}
