package hydra

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const pathAuthorize = "/oauth2/auth"

// PromptParam carries the prompts that Hydra does not know to the pages, in the address of the
// authorization request.
const PromptParam = "identityd_prompt"

// morePrompts takes prompt=select_account (OpenID Connect Core 1.0, section 3.1.2.1) and prompt=create
// (Initiating User Registration via OpenID Connect 1.0) out of a request, because Hydra refuses the whole
// request for a word outside its own list (docs/ory-quirks.md#q64). The pages do what they ask for.
func morePrompts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == pathAuthorize && r.URL.Query().Has("prompt") {
			r = withKnownPrompts(r)
		}
		next.ServeHTTP(w, r)
	})
}

func withKnownPrompts(r *http.Request) *http.Request {
	query := r.URL.Query()
	var known, ours []string
	for _, word := range strings.Fields(query.Get("prompt")) {
		switch word {
		case "select_account":
			ours = append(ours, word)
		case "create":
			known = append(known, "registration") // what Hydra calls it
		default:
			known = append(known, word)
		}
	}
	asked := strings.Join(known, " ")
	// "none" goes with nothing else, and Hydra says so.
	if slices.Contains(known, "none") || asked == query.Get("prompt") {
		return r
	}
	query.Del("prompt")
	if asked != "" {
		query.Set("prompt", asked)
	}
	if len(ours) > 0 {
		query.Set(PromptParam, strings.Join(ours, " "))
	}
	r = r.Clone(r.Context())
	r.URL.RawQuery = query.Encode()
	r.RequestURI = r.URL.RequestURI()
	return r
}

// namingClient tells the error page which application asked. Hydra tells it only what was wrong.
func namingClient(errorPage string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == pathAuthorize {
			w = &naming{ResponseWriter: w, page: errorPage, client: r.URL.Query().Get("client_id")}
		}
		next.ServeHTTP(w, r)
	})
}

type naming struct {
	http.ResponseWriter
	page, client string
}

// maxClientID is far above what anybody registers.
const maxClientID = 255

// WriteHeader implements http.ResponseWriter.
func (n *naming) WriteHeader(status int) {
	to := n.Header().Get("Location")
	if before, _, _ := strings.Cut(to, "?"); before == n.page && n.client != "" && len(n.client) <= maxClientID {
		if u, err := url.Parse(to); err == nil {
			query := u.Query()
			query.Set("client_id", n.client)
			u.RawQuery = query.Encode()
			n.Header().Set("Location", u.String())
		}
	}
	n.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController find what is below.
func (n *naming) Unwrap() http.ResponseWriter { return n.ResponseWriter }
