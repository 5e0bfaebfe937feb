package outage

import (
	"encoding/json"
	"net/http"
	"strings"

	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/plainpage"
)

// Shape is the form in which the answers of a listener tell an error.
type Shape int

const (
	// Hydra answers in the form of RFC 6749 section 5.2, and pages to browsers outside the endpoints
	// that programs call.
	Hydra Shape = iota
	// Kratos answers {"error": {...}}, and pages to browsers. It fits our own pages too.
	Kratos
)

const (
	retryAfter = "1"
	// Neither says database to a person: it is nothing they could mend.
	title  = "We cannot answer right now"
	reason = "The service cannot answer at the moment. This says nothing about your account or your " +
		"sign-in. Please try again."
	description = "The authorization server is temporarily unable to answer. Nothing was decided; " +
		"please retry the request."
)

// Refuse answers 503 to who asks for more than can be done at the moment.
func (s Shape) Refuse(w http.ResponseWriter, r *http.Request) { s.refuse(w, r, w.Header().Clone()) }

// refuse answers 503. Of the replaced header only that survives which lets a script of another origin
// read the answer at all.
func (s Shape) refuse(w http.ResponseWriter, r *http.Request, replaced http.Header) {
	h := w.Header()
	forScripts(h, replaced)
	for _, key := range []string{
		"Content-Length", "Content-Encoding", "Etag", "Last-Modified", "Location", "Set-Cookie",
	} {
		h.Del(key)
	}
	h.Set("Retry-After", retryAfter)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	// Those of the pages, whose own middleware is behind this one.
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if hsts := replaced.Get("Strict-Transport-Security"); hsts != "" {
		h.Set("Strict-Transport-Security", hsts)
	}
	program := s == Hydra && forPrograms(r.URL.Path)
	if !program {
		h.Add("Vary", "Accept")
	}
	if !program && middleware.PrefersHTML(r) &&
		plainpage.Write(w, r, http.StatusServiceUnavailable, plainpage.Away, middleware.RequestIDFrom(r.Context())) {
		return
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusServiceUnavailable)
	// The client may be gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(s.body(r))
}

// forScripts takes over what lets a script of another origin read an answer.
func forScripts(h, replaced http.Header) {
	for key, values := range replaced {
		if strings.HasPrefix(key, "Access-Control-") || key == "Vary" {
			h[key] = values
		}
	}
}

type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

type kratosError struct {
	Error kratosDetail `json:"error"`
}

// kratosDetail has the fields of herodot's DefaultError.
type kratosDetail struct {
	ID      string `json:"id"`
	Code    int    `json:"code"`
	Status  string `json:"status"`
	Request string `json:"request,omitempty"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

func (s Shape) body(r *http.Request) any {
	// RFC 6749 knows the code for the authorization endpoint; clients treat it as what it says
	// wherever they meet it.
	const code = "temporarily_unavailable"
	if s == Hydra {
		return oauthError{Error: code, Description: description}
	}
	return kratosError{Error: kratosDetail{
		ID: code, Code: http.StatusServiceUnavailable,
		Status:  http.StatusText(http.StatusServiceUnavailable),
		Request: middleware.RequestIDFrom(r.Context()),
		Reason:  reason, Message: title + ".",
	}}
}

// forPrograms reports whether only programs call a path of Hydra, whatever they say they accept. An
// installation may serve it below a path of its own.
func forPrograms(path string) bool {
	for _, end := range []string{
		"/oauth2/token", "/oauth2/revoke", "/oauth2/introspect", "/oauth2/device/auth", "/userinfo",
	} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}
