package kratos

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path"
)

// recoveryOffered is the kind of a record (internal/audit/kinds.go). Kratos tells nobody that its admin API made
// a code or a link that opens an account, and the request names the person in its body alone
// (docs/ory-quirks.md#q151).
const recoveryOffered = "RecoveryOffered"

// noteOffers puts on record for whom a way into an account was made.
func (e *Engine) noteOffers(next http.Handler) http.Handler {
	if e.cfg.Note == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dir, how := path.Split(path.Clean("/" + r.URL.Path))
		if r.Method != http.MethodPost || dir != "/admin/recovery/" || how != "code" && how != "link" {
			next.ServeHTTP(w, r)
			return
		}
		raw, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(raw))
		var asked struct {
			Person string `json:"identity_id"`
		}
		if err != nil || json.Unmarshal(raw, &asked) != nil {
			next.ServeHTTP(w, r) // Kratos says what is wrong with it
			return
		}
		seen := &offer{ResponseWriter: w}
		next.ServeHTTP(seen, r)
		if seen.made {
			e.cfg.Note(r.Context(), Noted{Kind: recoveryOffered, Subject: asked.Person, Details: map[string]string{"by": how}})
		}
	})
}

// offer remembers whether one was made.
type offer struct {
	http.ResponseWriter

	wrote, made bool
}

// WriteHeader implements http.ResponseWriter.
func (o *offer) WriteHeader(status int) {
	if !o.wrote {
		o.wrote, o.made = true, status >= 200 && status < 300
	}
	o.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (o *offer) Write(p []byte) (int, error) {
	if !o.wrote {
		o.wrote, o.made = true, true
	}
	return o.ResponseWriter.Write(p)
}

// Unwrap serves http.ResponseController.
func (o *offer) Unwrap() http.ResponseWriter { return o.ResponseWriter }
