package hydra

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/ory/fosite"
)

// pathEveryday is below what the admin API of Hydra has no path for. It is behind the same doors as that, and
// all that is not read there takes every scope (internal/adminguard/scope.go).
const pathEveryday = "/admin/identityd/"

// everyday answers below pathEveryday, and leaves everything else to next.
func (e *Engine) everyday(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	for pattern, answer := range map[string]func(*http.Request) (any, error){
		"GET " + pathEveryday + "keys":           e.listKeys,
		"POST " + pathEveryday + "keys/{set}":    e.rotateKey,
		"POST " + pathEveryday + "tokens/revoke": e.revokeToken,

		"POST " + pathEveryday + "clients/{id}/verified":   e.verifyClient,
		"DELETE " + pathEveryday + "clients/{id}/verified": e.verifyClient,

		"POST " + pathEveryday + "tokens/end":     e.endTokens,
		"POST " + pathEveryday + "tokens/preview": e.previewTokens,

		"GET " + pathEveryday + "provider":                        e.provider,
		"GET " + pathEveryday + "clients/{id}/explain":            e.explainClient,
		"GET " + pathEveryday + "clients/{id}/secret":             e.secondSecret,
		"POST " + pathEveryday + "clients/{id}/secret":            e.rotateSecret,
		"DELETE " + pathEveryday + "clients/{id}/secret/previous": e.endSecret,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			out, err := answer(r)
			if err != nil {
				e.registry.Writer().WriteError(w, r, err)
				return
			}
			e.registry.Writer().Write(w, r, out)
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, pathEveryday) {
			next.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// readAsked reads the body of a request. A word that is not known is a mistake: a filter that is ignored would
// end more than was asked for.
func readAsked(r *http.Request, to any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return fosite.ErrInvalidRequest.WithHintf("The body cannot be read: %s", err)
	}
	return nil
}
