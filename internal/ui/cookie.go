package ui

import (
	"net/http"
	"time"
)

// cookieName returns the name that a cookie of ours has in the browser. The prefix keeps a sibling
// host from planting a cookie of its own choice.
func (u *UI) cookieName(name string) string { return hostCookie(name, u.at.ui.Scheme == "https") }

func hostCookie(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// setCookie sets a short-lived cookie of ours, or takes it away when nothing of its life is left.
func (u *UI) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	seconds := int(life / time.Second)
	if seconds <= 0 {
		value, seconds = "", -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: u.cookieName(name), Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: u.at.ui.Scheme == "https", SameSite: http.SameSiteLaxMode,
	})
}
