package middleware

import (
	"encoding/json"
	"mime"
	"net/http"
	"strings"
)

type oauthBody struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// NoMultipart refuses forms that come in parts, which no OAuth endpoint has (RFC 6749 appendix B) and whose
// files fosite would keep on the disk (docs/ory-quirks.md#q83). The answer is that of RFC 6749 section 5.2.
func NoMultipart(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isMultipart(r.Header) {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Set("Connection", "close") // nobody reads the body
		h.Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusBadRequest)
		// The client may be gone; there is nobody to tell.
		_ = json.NewEncoder(w).Encode(oauthBody{
			Error: "invalid_request", Description: "The body has to be a form of the type application/x-www-form-urlencoded.",
		})
	})
}

// isMultipart judges every Content-Type there is: which of several a parser takes is its own affair.
func isMultipart(h http.Header) bool {
	for _, value := range h.Values("Content-Type") {
		kind, _, err := mime.ParseMediaType(value)
		if err != nil {
			kind = strings.ToLower(strings.TrimSpace(value))
		}
		if strings.HasPrefix(kind, "multipart/") {
			return true
		}
	}
	return false
}
