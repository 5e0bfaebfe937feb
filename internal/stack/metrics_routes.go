package stack

import "strings"

// other is the route, and the method, of everything that is in no list.
const other = "other"

// route is a path in front of nothing, and in front of more.
type route struct{ exact, below string }

// routes are the paths that requests are counted by. What is below of one is one route with it and a star: an id in
// a path, or what somebody made up, is none.
type routes map[string]route

func makeRoutes() routes {
	out := routes{"": {"/", other}}
	for _, p := range []string{
		// The pages.
		"/login", "/registration", "/recovery", "/verification", "/settings", "/consent", "/logout", "/error", "/invitation", "/assets",
		"/account", "/account/logout", "/account/sessions", "/account/applications", "/account/security", "/account/inbox", "/account/inbox-previews",
		// Hydra.
		"/oauth2", "/oauth2/auth", "/oauth2/token", "/oauth2/revoke", "/oauth2/register", "/oauth2/sessions/logout", "/userinfo", "/credentials",
		"/.well-known", "/.well-known/openid-configuration", "/.well-known/jwks.json",
		// Kratos.
		"/self-service", "/self-service/login", "/self-service/registration", "/self-service/recovery", "/self-service/verification",
		"/self-service/settings", "/self-service/logout", "/self-service/errors", "/self-service/methods", "/sessions", "/sessions/whoami", "/schemas",
		// The admin APIs.
		"/admin", "/admin/clients", "/admin/keys", "/admin/oauth2", "/admin/oauth2/introspect", "/admin/oauth2/auth/requests",
		"/admin/oauth2/auth/sessions", "/admin/trust", "/admin/identities", "/admin/sessions", "/admin/recovery", "/admin/courier",
		// What machines and proxies ask, and the door of the command line.
		"/health", "/health/alive", "/health/ready", "/metrics", "/version", "/forward-auth", "/hydra", "/kratos",
	} {
		out[p] = route{p, p + "/*"}
	}
	return out
}

// of returns the route of a path: one of a closed list, whatever the path is. It allocates nothing.
func (t routes) of(path string) string {
	path = strings.TrimSuffix(path, "/")
	if r, ok := t[path]; ok {
		return r.exact
	}
	for at := path; ; {
		cut := strings.LastIndexByte(at, '/')
		if cut < 0 {
			return other
		}
		at = at[:cut]
		if r, ok := t[at]; ok {
			return r.below
		}
	}
}
