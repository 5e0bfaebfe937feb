package crossorigin

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/rs/cors"
)

// Door says who may call one public API.
type Door struct {
	// Options are the methods, headers and credentials, and, where Listed, the origins of the settings. An
	// empty list there is everybody, as the engines take it; the configuration refuses it.
	Options cors.Options
	Listed  bool
	// Own are the origins of this installation, which no client lends.
	Own []string
	// Known returns the standing that clients give an origin.
	Known func(origin string) Standing
	// May reports whether an origin of that standing may send a request, or a preflight for one.
	May func(*http.Request, Standing) bool
	// Refusals is told whom the door refused; nil is allowed.
	Refusals *Refusals
}

// Middleware answers preflights, and lets pages read answers.
func (d Door) Middleware() func(http.Handler) http.Handler {
	listed := cors.New(d.Options)
	opts := d.Options
	opts.AllowedOrigins = nil
	opts.AllowOriginVaryRequestFunc = func(r *http.Request, origin string) (bool, []string) {
		if origin == "" {
			return false, nil
		}
		if d.Listed && listed.OriginAllowed(r) {
			return true, nil
		}
		if slices.Contains(d.Own, origin) {
			return false, nil
		}
		// What nobody is let in for is not asked about.
		return d.May(r, Trusted) && d.May(r, d.Known(origin)), nil
	}
	answer := cors.New(opts)
	return func(next http.Handler) http.Handler {
		inner := answer.Handler(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			inner.ServeHTTP(w, r)
			if origin := r.Header.Get("Origin"); origin != "" && d.Refusals != nil && d.refused(w, r, origin) {
				d.Refusals.note(r, origin)
			}
		})
	}
}

// refused reports whether a page will be told by its browser that it may not. Forms and links that lead here
// say where they come from too, and need no leave.
func (d Door) refused(w http.ResponseWriter, r *http.Request, origin string) bool {
	if w.Header().Get("Access-Control-Allow-Origin") != "" || slices.Contains(d.Own, origin) || r.Header.Get("Sec-Fetch-Site") == "same-origin" {
		return false
	}
	return preflight(r) || r.Header.Get("Sec-Fetch-Mode") == "cors"
}

// Of returns the origin of an address of ours.
func Of(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func preflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}
