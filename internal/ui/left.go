package ui

import (
	"net/http"
	"time"

	"example.com/identityd/internal/identity"
)

// leftLife is how long the browser remembers which application asked to sign out: until it is back here.
const leftLife = 5 * time.Minute

// left is the application that a person came from to sign out.
type left struct {
	App  string `json:"a"`
	Link string `json:"l"` // https, or empty
}

const leftCookie = "identityd_ui_left"

// leaveFrom keeps the application for the page that the browser comes to, by way of Hydra.
func (u *UI) leaveFrom(w http.ResponseWriter, client *identity.Client) {
	if client == nil {
		u.setCookie(w, leftCookie, "", 0)
		return
	}
	// What cannot be sealed is a link less at the end.
	sealed, _ := u.seal.close(left{App: clientName(*client), Link: secureLink(client.URI)}, leftCookie)
	u.setCookie(w, leftCookie, sealed, leftLife)
}

// left returns the application that was remembered.
func (u *UI) left(r *http.Request) (l left) {
	if c, err := r.Cookie(u.cookieName(leftCookie)); err == nil && !u.seal.open(c.Value, leftCookie, &l) {
		return left{}
	}
	return l
}

type stayedPage struct {
	layout
	left
}

// stayed is where a person ends who was asked to sign out and did not want to.
func (u *UI) stayed(w http.ResponseWriter, r *http.Request) error {
	return render(w, http.StatusOK, u.pages.Stayed, stayedPage{u.layout(r, "You are still signed in"), u.left(r)})
}

type signedOutPage struct {
	layout
	left
	// Everywhere says that all other sessions of the person have ended as well.
	Everywhere bool
}

func (u *UI) signedOut(w http.ResponseWriter, r *http.Request) error {
	return render(w, http.StatusOK, u.pages.SignedOut, signedOutPage{
		layout: u.layout(r, "You are signed out"), left: u.left(r),
		Everywhere: r.URL.Query().Get("everywhere") == "1",
	})
}
