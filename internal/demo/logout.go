package demo

import (
	"crypto/rand"
	"net/http"
	"net/url"
)

// signOut asks the provider to end the session (OpenID Connect RP-Initiated Logout).
func (a *app) signOut(w http.ResponseWriter, r *http.Request) {
	s := a.sessions.of(r)
	if s == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.signedIn == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	to, err := url.Parse(a.provider.meta.EndSession)
	if err != nil || to.Host == "" {
		// Without that endpoint an application can only forget.
		s.signedIn = nil
		http.Redirect(w, r, pathSignedOut, http.StatusSeeOther)
		return
	}
	s.logout.state = rand.Text()
	q := to.Query()
	q.Set("id_token_hint", s.signedIn.id.Raw)
	q.Set("post_logout_redirect_uri", a.base+pathSignedOut)
	q.Set("state", s.logout.state)
	to.RawQuery = q.Encode()
	s.logout.request = navigation("Logout request", to.String())
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

// signedOut is where the provider sends the browser afterwards. The tokens are dropped here and not
// before: somebody who changes their mind at the provider stays signed in.
func (a *app) signedOut(w http.ResponseWriter, r *http.Request) {
	page := signedOutPage{layout: a.layout("Signed out"), Provider: a.provider.issuer}
	if s := a.sessions.of(r); s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		state := r.URL.Query().Get("state")
		if s.logout.state != "" && state == s.logout.state {
			x := s.logout.request
			x.Status, x.OK = "answered through the browser", true
			x.Answer = []pair{{"Location", a.base + r.URL.RequestURI()}}
			page.Exchanges = []exchange{x}
			s.logout, s.signedIn = logoutAttempt{}, nil
		}
		page.StillHere = s.signedIn != nil
	}
	if page.StillHere {
		page.Title = "Not signed out"
	}
	render(w, a, http.StatusOK, a.pages.SignedOut, page)
}

// logoutAttempt is a logout request that has no answer yet.
type logoutAttempt struct {
	state   string
	request exchange
}
