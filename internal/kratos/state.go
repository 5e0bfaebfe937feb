package kratos

import (
	"encoding/hex"
	"net/http"
	"path"
	"strings"
)

// leastState is the length of the nonce and of the seal of XChaCha20-Poly1305, in bytes.
const leastState = 24 + 16

// wholeState keeps a state away from Kratos that is too short to be one of its own: upstream compares the
// length of the hexadecimal text with that of the nonce, and panics (docs/ory-quirks.md#q110). What is sent on
// in its place is no hexadecimal, which Kratos refuses as any other wrong state.
func wholeState(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := path.Clean("/" + r.URL.Path); p == callbackPath || strings.HasPrefix(p, callbackPath+"/") {
			query := r.URL.Query()
			raw, err := hex.DecodeString(query.Get("state"))
			if query.Has("state") && err == nil && len(raw) < leastState {
				query.Set("state", "cut-off")
				r = r.Clone(r.Context())
				r.URL.RawQuery = query.Encode()
			}
		}
		next.ServeHTTP(w, r)
	})
}
