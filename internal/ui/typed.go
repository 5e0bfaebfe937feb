package ui

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"example.com/identityd/internal/identity"
)

// typedCookie holds what was typed into a form that had expired, for the new one. Kratos' side of the
// process sets it (internal/kratos/typed.go, which has the name too); it is this person's own, is taken
// away when it was shown, and never holds a password.
const typedCookie = "identityd_typed"

// fillTyped puts what was typed before into the fields that are empty.
func (u *UI) fillTyped(w http.ResponseWriter, r *http.Request, f *identity.Flow) {
	cookie, err := r.Cookie(typedCookie)
	if err != nil {
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: typedCookie, Path: "/", Domain: u.cfg.CookieDomain, MaxAge: -1,
		HttpOnly: true, Secure: u.at.ui.Scheme == "https", SameSite: http.SameSiteLaxMode,
	})
	raw, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return
	}
	var typed map[string]string
	if json.Unmarshal(raw, &typed) != nil {
		return
	}
	for i := range f.UI.Nodes {
		attr := &f.UI.Nodes[i].Attributes
		if attr.Name != "identifier" && attr.Name != "email" && !strings.HasPrefix(attr.Name, "traits.") ||
			attr.Type == "hidden" || attr.Type == "submit" || attr.Type == "password" || valueText(attr.Value) != "" {
			continue
		}
		if text, known := typed[attr.Name]; known {
			attr.Value = plain(text, maxSentence)
		}
	}
}
