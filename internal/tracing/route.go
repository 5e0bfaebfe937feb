package tracing

import (
	"net/http"
	"strings"
)

// mostSegments is how deep the paths of ours go.
const mostSegments = 6

// routes knows the words that paths of ours are made of.
type routes map[string]struct{}

func newRoutes() routes {
	// Those of Hydra, of Kratos, of the pages, of the control socket and of what machines ask.
	const words = `
		.well-known jwks.json openid-configuration credentials oauth2 auth fallbacks consent error login logout callback register
		revoke sessions token userinfo admin clients keys introspect trust grants jwt-bearer issuers tokens requests accept reject
		device verify flush lifespans
		ory webauthn.js courier messages identities schemas recovery code link self-service errors api browser flows methods oidc
		registration settings verification token-exchange whoami extend health alive ready version batch
		account help switch recovery-codes.txt signed-out signing-out stayed language continue second-step confirm invitation without
		choose inbox html clear inbox-previews security revoke-others activity applications data delete deleted assets favicon.ico
		robots.txt change-password
		hydra kratos metrics reload config status probe incident database-copy why declared throttle hooks test retry drop
		identityd forward-auth sign-in sign-out`
	out := routes{}
	for word := range strings.FieldsSeq(words) {
		out[word] = struct{}{}
	}
	return out
}

// of is the path with {} for what differs from one request to the next. There are as many as there are routes,
// whatever strangers ask for.
func (k routes) of(path string) string {
	known := 0
	var b strings.Builder
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if known++; known > mostSegments {
			b.WriteString("/{}")
			break
		}
		b.WriteByte('/')
		if _, ok := k[segment]; ok || segment == "" {
			b.WriteString(segment)
			continue
		}
		if known == 1 {
			return "/{}" // nothing of ours
		}
		b.WriteString("{}")
	}
	return b.String()
}

// Route is what a request is for, without what differs from one to the next.
func (t *Tracing) Route(r *http.Request) string { return t.routes.of(r.URL.Path) }

// Method is that of a request, or what stands for one that is none.
func Method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "_OTHER"
}
