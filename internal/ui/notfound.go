package ui

import (
	"net/http"

	"example.com/identityd/internal/identity"
)

func (u *UI) notFound(http.ResponseWriter, *http.Request) error {
	return &identity.Error{
		Code:    identity.NotFound,
		Message: "The page you asked for does not exist, or has moved.",
	}
}

func (u *UI) methodNotAllowed(allowed string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Allow", allowed)
		p := u.printer(r)
		u.fail(w, r, problem{
			status:   http.StatusMethodNotAllowed,
			title:    p.Text("That did not work"),
			sentence: p.Text("This page cannot be used in that way."),
		})
		return nil
	}
}
