package hydra

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/go-jose/go-jose/v3"
	"github.com/ory/hydra/v2/client"
)

// The wishes for signatures that a client may be registered with (OpenID Connect Dynamic Client Registration 1.0
// section 2). Hydra takes the first without a word and does as it likes (docs/ory-quirks.md#q122).
const (
	wishID       = "id_token_signed_response_alg"
	wishUserinfo = "userinfo_signed_response_alg"
)

// signatureWishes refuses clients that want what nothing is signed with here.
func (e *Engine) signatureWishes(next http.Handler) http.Handler {
	if e.registry.signing == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
			// The listener bounds it. What stopped the reading stops upstream's too.
			raw, _ := io.ReadAll(r.Body)
			r.Body = rest{io.MultiReader(bytes.NewReader(raw), r.Body), r.Body}
			if err := e.judgeWishes(r.Context(), wishes(raw)); err != nil {
				e.registry.Writer().WriteError(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// rest is a body that was read to its end and begins again.
type rest struct {
	io.Reader
	io.Closer
}

// wishes finds them in a client, and in a JSON patch of one. What else is wrong with it is upstream's to say.
func wishes(raw []byte) map[string]string {
	out := map[string]string{}
	add := func(name string, value json.RawMessage) {
		var text string
		if (name == wishID || name == wishUserinfo) && json.Unmarshal(value, &text) == nil && text != "" {
			out[name] = text
		}
	}
	var body map[string]json.RawMessage
	if json.Unmarshal(raw, &body) == nil {
		for name, value := range body {
			add(name, value)
		}
		return out
	}
	var patch []struct {
		Path  string          `json:"path"`
		Value json.RawMessage `json:"value"`
	}
	if json.Unmarshal(raw, &patch) == nil {
		for _, change := range patch {
			add(strings.TrimPrefix(change.Path, "/"), change.Value)
		}
	}
	return out
}

func (e *Engine) judgeWishes(ctx context.Context, wanted map[string]string) error {
	if len(wanted) == 0 {
		return nil
	}
	s := e.registry.signing.id
	keys, err := s.ring.keys(ctx, s.set)
	if err != nil {
		return s.explain(err)
	}
	if key := choose(keys, s.alg); key != nil && wanted[wishID] != "" && wanted[wishID] != key.Algorithm {
		return refuseClient(client.ErrInvalidClientMetadata, wishID, fmt.Sprintf(
			"must be %s or left out (got %.20q): all ID tokens here are signed with it (tokens.signing.id)", key.Algorithm, wanted[wishID]))
	}
	if wanted[wishUserinfo] == string(jose.RS256) && choose(keys, jose.RS256) == nil {
		return refuseClient(client.ErrInvalidClientMetadata, wishUserinfo,
			`must be none or left out (got "RS256"): there is no key for RS256 here (tokens.signing.id)`)
	}
	return nil
}
