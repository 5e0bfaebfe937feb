package ory

import (
	"net/http"
	"strings"
)

// Challenge lets an answer with 401 say how one proves who one is, as RFC 9110 section 11.6.1 wants it, instead of
// what the engine says there, which is nothing or something else.
func Challenge(w http.ResponseWriter, challenge string) http.ResponseWriter {
	return &challenging{w, challenge}
}

// Scheme reports whether a request says who it is of by a scheme of the header Authorization.
func Scheme(r *http.Request, scheme string) bool {
	got, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(got, scheme)
}

type challenging struct {
	http.ResponseWriter
	challenge string
}

// WriteHeader implements http.ResponseWriter.
func (c *challenging) WriteHeader(status int) {
	if status == http.StatusUnauthorized {
		c.Header().Set("WWW-Authenticate", c.challenge)
	}
	c.ResponseWriter.WriteHeader(status)
}

// Unwrap serves http.ResponseController.
func (c *challenging) Unwrap() http.ResponseWriter { return c.ResponseWriter }
