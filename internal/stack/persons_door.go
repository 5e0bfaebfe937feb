package stack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/middleware"
)

// pathPersons is below what Kratos' admin API has for people, in that of ours (internal/adminguard/scope.go).
const pathPersons = "/admin/identityd/identities/"

// handler answers what is asked of a person, in front of Kratos' admin API.
func (a persons) handler(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	for pattern, answer := range map[string]func(context.Context, string) (any, error){
		"GET " + pathPersons + "{id}/held":    a.preview,
		"POST " + pathPersons + "{id}/export": func(ctx context.Context, id string) (any, error) { return a.Export(ctx, id, "") },
		"DELETE " + pathPersons + "{id}":      a.erase,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), personPatience)
			defer cancel()
			// What is no id of a person may be that of a client, which is the subject of tokens of its own.
			id, ok := kratos.PersonID(r.PathValue("id"))
			if !ok {
				a.answer(w, r, nil, &identity.Error{Code: identity.NotFound})
				return
			}
			out, err := answer(ctx, id)
			a.answer(w, r, out, err)
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" && slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodDelete}, r.Method) {
			mux.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// personPatience is below the deadline of the admin listeners, so that there is still time to answer.
const personPatience = 50 * time.Second

func (a persons) answer(w http.ResponseWriter, r *http.Request, out any, err error) {
	status, reason := http.StatusOK, ""
	var refused *identity.Error
	switch {
	case err == nil:
	case errors.Is(err, errInMemory):
		status, reason = http.StatusNotImplemented, "The databases are in memory: what is in them goes with the process."
	case errors.As(err, &refused) && refused.Code == identity.NotFound:
		status, reason = http.StatusNotFound, "There is no such person, and nothing is left of one."
	default:
		status, reason = http.StatusInternalServerError, "It is not done yet. Try again: what is done already stays done."
		a.stack.log.WarnContext(r.Context(), "what is held of a person could not be given or removed", "err", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err != nil {
		out = map[string]any{"error": map[string]any{
			"code": status, "status": http.StatusText(status), "reason": reason, "message": reason, "request": middleware.RequestIDFrom(r.Context()),
		}}
	}
	_ = json.NewEncoder(w).Encode(out) // who went away does not read it
}
