package ui

import (
	"net/http"

	"example.com/identityd/internal/identity"
)

// note puts on record what a person did.
func (u *UI) note(r *http.Request, kind, person, client string, details map[string]string) {
	if u.cfg.Note != nil {
		u.cfg.Note(r.Context(), identity.Act{Kind: kind, Person: person, Client: client, Details: details})
	}
}
