package middleware

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"example.com/identityd/internal/plainpage"
)

// ErrorCodeHeader is set by whoever stands in front and knows the code of a failure, when its status is written.
const ErrorCodeHeader = "X-Error-Code"

type errorBody struct {
	Error errorDetail `json:"error"`
}

type errorDetail struct {
	// ID is the code of the failure, as Ory's errors have theirs.
	ID      string `json:"id,omitempty"`
	Code    int    `json:"code"`
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Request string `json:"request,omitempty"`
}

// answer writes an error of this package's own in the form the client prefers.
func answer(w http.ResponseWriter, r *http.Request, code int, reason string) {
	id := RequestIDFrom(r.Context())
	h := w.Header()
	// What a handler prepared for its own body is not true of this one.
	for _, key := range []string{"Content-Length", "Content-Encoding", "Etag", "Last-Modified"} {
		h.Del(key)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept")
	kind := plainpage.Failed
	if code == http.StatusRequestEntityTooLarge {
		kind = plainpage.TooLarge
	}
	if PrefersHTML(r) && plainpage.Write(w, r, code, kind, id) {
		return
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	// The client may be gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(errorBody{Error: errorDetail{
		ID: h.Get(ErrorCodeHeader), Code: code, Status: http.StatusText(code), Reason: reason, Request: id,
	}})
}

// FailedPage writes the page for faults of ours to a client that prefers one, and reports whether it did.
func FailedPage(w http.ResponseWriter, r *http.Request, code int) bool {
	w.Header().Add("Vary", "Accept")
	return PrefersHTML(r) && plainpage.Write(w, r, code, plainpage.Failed, RequestIDFrom(r.Context()))
}

// PrefersHTML reports whether the client names text/html and weighs it at least as much as JSON. A
// wildcard does not count: command line clients send it, and they read JSON.
func PrefersHTML(r *http.Request) bool {
	var page, data float64
	for _, value := range r.Header.Values("Accept") {
		for item := range strings.SplitSeq(value, ",") {
			kind, params, _ := strings.Cut(item, ";")
			switch strings.ToLower(strings.TrimSpace(kind)) {
			case "text/html", "application/xhtml+xml":
				page = max(page, weight(params))
			case "application/json":
				data = max(data, weight(params))
			}
		}
	}
	return page > 0 && page >= data
}

// weight reads the q parameter of a media range.
func weight(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		q, ok := strings.CutPrefix(strings.TrimSpace(p), "q=")
		if !ok {
			continue
		}
		if f, err := strconv.ParseFloat(q, 64); err == nil {
			return f
		}
	}
	return 1
}
