package demo

import (
	"net/http"

	"example.com/identityd/internal/middleware"
)

// The paths of the pages. The first two are registered at the provider.
const (
	pathCallback  = "/callback"
	pathSignedOut = "/signed-out"
	pathTokens    = "/tokens"
)

// maxBody is plenty for a form of a few choices.
const maxBody = 16 << 10

// handler is the whole application.
func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.start)
	mux.HandleFunc("POST /sign-in", a.signIn)
	mux.HandleFunc("GET "+pathCallback, a.callback)
	mux.HandleFunc("GET "+pathTokens, a.tokens)
	mux.HandleFunc("POST /userinfo", a.act("userinfo", a.askUserinfo))
	mux.HandleFunc("POST /introspection", a.act("introspection", a.askIntrospection))
	mux.HandleFunc("POST /refresh", a.act("refresh", a.refresh))
	mux.HandleFunc("POST /replay", a.act("refresh", a.replay))
	mux.HandleFunc("POST /revocation", a.act("revocation", a.revoke))
	mux.HandleFunc("POST /sign-out", a.signOut)
	mux.HandleFunc("GET "+pathSignedOut, a.signedOut)
	mux.HandleFunc("GET /assets/{name}", a.asset)
	mux.HandleFunc("GET /favicon.ico", a.favicon)
	mux.HandleFunc("/", a.nowhere)

	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(a.foreign))
	return middleware.Chain(mux,
		middleware.RequestID,
		middleware.AccessLog(a.log, "demo", nil),
		middleware.Recover(a.log, nil),
		headers,
		middleware.Limit(maxBody),
		a.oneHost,
		origin.Handler,
	)
}

// headers are those of every answer. form-action is missing where a form's redirects lead to the
// provider: Chromium applies it to the whole chain.
func headers(next http.Handler) http.Handler {
	policy := middleware.DefaultCSP().With("script-src").With("img-src", "'self'")
	return middleware.SecurityHeaders(policy, false)(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			// Not no-referrer, with which browsers send "Origin: null" along with our own forms. The
			// provider's code is in an address here, and this keeps it here.
			w.Header().Set("Referrer-Policy", "same-origin")
			next.ServeHTTP(w, r)
		}))
}

// oneHost sends everybody to the one name that the client's addresses have. Cookies of 127.0.0.1 are
// not sent to localhost, and a name that a stranger's DNS points at this machine is none of ours.
func (a *app) oneHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Host == a.at.Host:
			next.ServeHTTP(w, r)
		case r.Method == http.MethodGet || r.Method == http.MethodHead:
			http.Redirect(w, r, a.base+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		default:
			a.problem(w, problem{
				status: http.StatusMisdirectedRequest, Title: "Wrong address",
				Text: "This application is at " + a.base + ".",
			})
		}
	})
}

func (a *app) foreign(w http.ResponseWriter, _ *http.Request) {
	a.problem(w, problem{
		status: http.StatusForbidden, Title: "That came from another site",
		Text: "Only buttons of this application's own pages work here.",
	})
}

func (a *app) nowhere(w http.ResponseWriter, _ *http.Request) {
	a.problem(w, problem{
		status: http.StatusNotFound, Title: "There is nothing here",
		Text: "This address is none of the demo's.",
	})
}
