package kratos

import (
	"bytes"
	"io"
	"mime"
	"net/http"
)

// peekForm returns the body of a posted form, and leaves all of it to be read again. A body that is too
// long (wrap bounds it) or that broke off is none: Kratos meets the same error and says so.
func peekForm(r *http.Request) ([]byte, bool) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || kind != "application/x-www-form-urlencoded" {
		return nil, false
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
		return nil, false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, true
}
