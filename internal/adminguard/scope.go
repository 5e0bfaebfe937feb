package adminguard

import (
	"net/http"
	"path"
	"slices"
	"strings"
)

// Scope is what a token may do.
type Scope string

// The scopes. Clients and Identities include reading.
const (
	Read       Scope = "read"       // reads everything that is not a secret, and introspects
	Clients    Scope = "clients"    // OAuth2 clients
	Identities Scope = "identities" // people, their sessions and recovery links
	All        Scope = "all"        // everything, keys and the answers to login and consent requests included
)

// Scopes are all of them.
func Scopes() []Scope { return []Scope{Read, Clients, Identities, All} }

// Holder is who a token was given to.
type Holder struct {
	Name   string
	Scopes []Scope
}

func (h Holder) may(need Scope) bool {
	return slices.Contains(h.Scopes, All) || slices.Contains(h.Scopes, need) || need == Read && len(h.Scopes) > 0
}

// NeedHydra returns what a request to Hydra's admin API takes (Hydra: spec/api.json). What is not
// listed takes All: the private half of the signing keys can be read there, and the login and consent
// requests are answered for people.
func NeedHydra(r *http.Request) Scope {
	p := clean(r)
	switch {
	case below(p, "/admin/clients"), below(p, "/admin/identityd/clients"):
		if changes(r) {
			return Clients
		}
		return Read
	case Introspects(r):
		return Read
	case below(p, "/admin/oauth2/auth/sessions/consent") && !changes(r), below(p, "/admin/trust/grants") && !changes(r):
		return Read
	case p == "/admin/identityd/keys" && !changes(r), p == "/admin/identityd/provider" && !changes(r), p == "/admin/identityd/tokens/preview": // of ours: no private half, and a count
		return Read
	case p == "/version" || below(p, "/health") || p == "/admin/metrics/prometheus":
		return Read
	}
	return All
}

// Introspects reports a request for introspection, the one of Hydra's admin API whose body is a form
// (RFC 7662 section 2.1).
func Introspects(r *http.Request) bool { return clean(r) == "/admin/oauth2/introspect" }

// NeedKratos returns what a request to Kratos' admin API takes (Kratos: spec/api.json). The mail that
// was sent can be read there, with the codes in it: All.
func NeedKratos(r *http.Request) Scope {
	p := clean(r)
	switch {
	case below(p, "/admin/identities"), below(p, "/admin/sessions"), below(p, "/admin/recovery"),
		below(p, "/admin/identityd/identities"), below(p, "/admin/identityd/schemas"): // of ours
		// With credentials the hashes come along.
		if changes(r) || r.URL.Query().Has("include_credential") {
			return Identities
		}
		return Read
	case p == "/admin/identityd/hooks" && !changes(r): // of ours: what waits, not what it says
		return Read
	case below(p, "/admin/identityd/invitations"):
		if changes(r) {
			return Identities
		}
		return Read
	case below(p, "/schemas"), p == "/admin/version", below(p, "/admin/health"), p == "/admin/metrics/prometheus":
		return Read
	}
	return All
}

// clean is the path as the routers of the engines see it.
func clean(r *http.Request) string { return path.Clean("/" + r.URL.Path) }

func below(p, root string) bool { return p == root || strings.HasPrefix(p, root+"/") }
