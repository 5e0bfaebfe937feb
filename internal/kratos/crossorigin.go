package kratos

import (
	"context"
	"net/http"
	"path"

	"example.com/identityd/internal/crossorigin"
	"example.com/identityd/internal/ory"
)

// crossOrigin is the door for pages of other origins. Those of the settings have all of the API, with cookies.
// Those that clients bring with them may ask who is signed in, where an operator knows the client.
func (e *Engine) crossOrigin(ctx context.Context) func(http.Handler) http.Handler {
	opts, enabled := e.registry.Config().CORS(ctx, "public")
	known := e.cfg.ClientOrigin
	if known == nil {
		known = func(string) crossorigin.Standing { return crossorigin.Stranger }
	}
	door := crossorigin.Door{
		Options: ory.CrossOrigin(true),
		Own:     []string{crossorigin.Of(e.cfg.PublicURL), crossorigin.Of(e.cfg.Pages.Login)},
		Known:   known,
		May: func(r *http.Request, s crossorigin.Standing) bool {
			return s == crossorigin.Trusted && path.Clean("/"+r.URL.Path) == "/sessions/whoami"
		},
		Refusals: e.cfg.Refusals,
	}
	if values(e.cfg)[ory.CrossOriginKey+"enabled"] == false { // the block says no
		return ory.Scripts(opts, false)
	}
	if door.Listed = enabled; enabled {
		door.Options = opts
	}
	return door.Middleware()
}
