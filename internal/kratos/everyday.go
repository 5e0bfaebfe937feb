package kratos

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/gofrs/uuid"
	"github.com/ory/herodot"
	kidentity "github.com/ory/kratos/identity"

	"example.com/identityd/internal/offboard"
)

// pathEveryday is below what the admin API of Kratos has no path for. It is behind the same doors as that
// (internal/adminguard/scope.go).
const pathEveryday = "/admin/identityd/"

// everyday answers below pathEveryday, and leaves everything else to next. Nothing to answer is 204.
func (e *Engine) everyday(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	for pattern, answer := range map[string]func(*http.Request) (any, error){
		"POST " + pathEveryday + "identities/{id}/revoke":        e.revokeAccess,
		"POST " + pathEveryday + "identities/import":             e.importPeople,
		"GET " + pathEveryday + "identities/{id}/factors":        e.listFactors,
		"POST " + pathEveryday + "identities/{id}/factors/reset": e.resetFactors,
		"GET " + pathEveryday + "schemas":                        e.listSchemas,
		"POST " + pathEveryday + "schemas/check":                 e.checkSchema,
		"POST " + pathEveryday + "schemas/migrate":               e.migrateSchema,
		"GET " + pathEveryday + "invitations":                    e.listInvitations,
		"POST " + pathEveryday + "invitations":                   e.invite,
		"DELETE " + pathEveryday + "invitations/{id}":            e.revokeInvitation,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			out, err := answer(r)
			switch {
			case err != nil:
				e.registry.Writer().WriteError(w, r, err)
			case out == nil:
				w.WriteHeader(http.StatusNoContent)
			default:
				if p, ok := out.(page); ok {
					w.Header().Set("Link", p.link)
					out = p.rows
				}
				e.registry.Writer().Write(w, r, out)
			}
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

// page is a part of a list, with the header that names the next one.
type page struct {
	rows any
	link string
}

// revokeAccess ends all access of a person, who may sign in again at once.
func (e *Engine) revokeAccess(r *http.Request) (any, error) {
	if e.cfg.Offboarding == nil {
		return nil, herodot.ErrNotFound.WithReason("Nothing ends access here.")
	}
	ctx := r.Context()
	id, err := uuid.FromString(r.PathValue("id"))
	if err != nil {
		return nil, herodot.ErrBadRequest.WithReason("The id of an identity is a UUID.")
	}
	if _, err := e.registry.Persister().GetIdentity(ctx, id, kidentity.ExpandNothing); err != nil {
		return nil, err
	}
	var ended offboard.Ended
	// Without the lock of this request: Hydra is asked, and both have their own.
	e.Outside(ctx, func() {
		ended, err = e.cfg.Offboarding.Do(ctx, offboard.Order{Identity: id.String(), Reason: offboard.Revoked})
	})
	return ended, err
}

// readAsked reads the body of a request. A word that is not known is a mistake.
func readAsked(r *http.Request, to any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode(to); err != nil {
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			return herodot.ErrBadRequest.WithReason("The body is too long; send fewer people at once.")
		}
		return herodot.ErrBadRequest.WithReasonf("The body cannot be read: %s", err)
	}
	return nil
}
