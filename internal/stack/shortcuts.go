package stack

import (
	"net/http"
	"net/url"
	"strings"

	"example.com/identityd/internal/shortcut"
)

// shortcuts spares a browser the redirects between the parts, where all are at one origin and so have each
// other's cookies.
func (s *Stack) shortcuts(next http.Handler) http.Handler {
	hydra := strings.TrimRight(s.urls.Hydra, "/")
	origin, err := url.Parse(s.urls.UI)
	if err != nil || origin.Path != "" || s.urls.Kratos != s.urls.UI || hydra != s.urls.UI {
		return next
	}
	return shortcut.New(origin, next, onTheWay)
}

// onTheWay reports whether an address of a sign-in, a sign-up or a sign-out is one where a browser is only sent
// on. What comes with the id of a flow is a page.
func onTheWay(u *url.URL) bool {
	query := u.Query()
	switch u.Path {
	case "/oauth2/auth":
		// An answer that is posted to the application is a page, at an address where it may be loaded anew.
		return query.Has("login_verifier") || query.Has("consent_verifier") && query.Get("response_mode") != "form_post"
	case "/oauth2/sessions/logout":
		return query.Has("logout_verifier")
	case "/login", "/registration":
		return query.Has("login_challenge") && !query.Has("flow")
	case "/consent":
		return query.Has("consent_challenge")
	case "/self-service/logout":
		return query.Has("token")
	}
	flow, begins := strings.CutSuffix(u.Path, "/browser")
	kind, ours := strings.CutPrefix(flow, "/self-service/")
	return begins && ours && !strings.Contains(kind, "/")
}
