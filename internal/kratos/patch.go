package kratos

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/ory/herodot"
	kx "github.com/ory/kratos/x"
)

// patchless are the parts of an identity that no JSON Patch may name. Kratos refuses /credentials and /id
// by those very letters, and then reads the result as Go does, which knows no case and merges into what it
// has: /credentials/password replaces the hash without a check, and /ID makes it another person
// (docs/ory-quirks.md#q105).
func patchless() []string {
	return []string{"id", "credentials", "state_changed_at", "created_at", "updated_at"}
}

// guardPatches refuses patches of what is not for patching. PUT of the whole identity and DELETE of a
// credential are there for it, and check what they get.
func (e *Engine) guardPatches(next http.Handler) http.Handler {
	if e.cfg.Unfixed {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPatch || !ofOneIdentity(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		raw, err := io.ReadAll(r.Body)
		var long *http.MaxBytesError
		switch {
		case errors.As(err, &long):
			e.refusePatch(w, r, herodot.ErrBadRequest.WithReason("The request's body is too long."))
			return
		case err != nil:
			e.refusePatch(w, r, herodot.ErrBadRequest.WithReason("The request's body could not be read."))
			return
		}
		switch denied, err := deniedPath(raw); {
		case err != nil:
			e.refusePatch(w, r, herodot.ErrBadRequest.WithReason("The body has to be a JSON Patch: an array of objects with op, path and value."))
			return
		case denied != "":
			e.refusePatch(w, r, herodot.ErrBadRequest.WithReasonf("A JSON Patch may not change %s. "+
				"Use PUT /admin/identities/{id} for credentials, or DELETE /admin/identities/{id}/credentials/{type}.", denied))
			return
		}
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
		next.ServeHTTP(w, r)
	})
}

func (e *Engine) refusePatch(w http.ResponseWriter, r *http.Request, err error) {
	e.registry.Writer().WriteError(w, r, err)
}

// ofOneIdentity reports whether the router would take a path to the patch of an identity.
func ofOneIdentity(p string) bool {
	dir, _ := path.Split(path.Clean("/" + p))
	dir = strings.TrimPrefix(dir, kx.AdminPrefix)
	return dir == "/identities/"
}

// deniedPath returns the part of an identity that a patch names and may not, empty for none.
func deniedPath(raw []byte) (string, error) {
	// As the library reads it (evanphx/json-patch): the names of an operation to the letter, the last of
	// two that are the same.
	var ops []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &ops); err != nil {
		return "", err
	}
	for _, op := range ops {
		var at string
		if err := json.Unmarshal(op["path"], &at); err != nil {
			return "", err
		}
		if at == "" { // the whole of it
			var value map[string]json.RawMessage
			if err := json.Unmarshal(op["value"], &value); err != nil {
				return "", err
			}
			for name := range value {
				if denied(name) != "" {
					return denied(name), nil
				}
			}
			continue
		}
		// The library leaves out whatever is before the first slash.
		steps := strings.Split(at, "/")
		if len(steps) < 2 {
			return "", fmt.Errorf("the path %q begins with no slash", at)
		}
		if part := denied(strings.NewReplacer("~1", "/", "~0", "~").Replace(steps[1])); part != "" {
			return part, nil
		}
	}
	return "", nil
}

// denied folds case as encoding/json does.
func denied(name string) string {
	if i := slices.IndexFunc(patchless(), func(p string) bool { return strings.EqualFold(p, name) }); i >= 0 {
		return patchless()[i]
	}
	return ""
}
