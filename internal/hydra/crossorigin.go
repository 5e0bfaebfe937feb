package hydra

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofrs/uuid"
	"github.com/ory/hydra/v2/client"
	hconfig "github.com/ory/hydra/v2/driver/config"

	"example.com/identityd/internal/crossorigin"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ory"
)

// crossOrigin is the door for pages of other origins. No cookie counts at what they may read here, so that none
// is asked for: a token or a code is what a request has to bring.
func (e *Engine) crossOrigin(ctx context.Context) func(http.Handler) http.Handler {
	opts, enabled := e.registry.Config().CORS(ctx, hconfig.PublicInterface)
	door := crossorigin.Door{
		Options: ory.CrossOrigin(false),
		Own:     []string{crossorigin.Of(e.cfg.Issuer), crossorigin.Of(e.cfg.Pages.Login)},
		Known:   e.origins.Standing,
		May: func(r *http.Request, s crossorigin.Standing) bool {
			return s != crossorigin.Stranger || e.mayRegister(r)
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

// ClientOrigin returns who lends an origin to the pages that have it.
func (e *Engine) ClientOrigin(origin string) crossorigin.Standing { return e.origins.Standing(origin) }

// mostOrigins bounds how many clients with origins are read: what is known is in memory.
const mostOrigins = 50_000

// clientOrigins reads the origins of all clients that have any.
func (e *Engine) clientOrigins(ctx context.Context) (map[string]crossorigin.Standing, error) {
	rows, err := e.DB().QueryContext(ctx, "SELECT allowed_cors_origins, metadata FROM hydra_client"+
		" WHERE nid = $1 AND CAST(allowed_cors_origins AS TEXT) NOT IN ('', '[]', 'null') LIMIT $2", e.network.Network(ctx, uuid.Nil).String(), mostOrigins)
	if err != nil {
		return nil, fmt.Errorf("reading the origins of clients: %w", err)
	}
	defer rows.Close()
	out := map[string]crossorigin.Standing{}
	for rows.Next() {
		var raw, metadata []byte
		if err := rows.Scan(&raw, &metadata); err != nil {
			return nil, fmt.Errorf("reading the origins of clients: %w", err)
		}
		var list []string
		if json.Unmarshal(raw, &list) != nil {
			continue // no engine wrote that
		}
		standing := crossorigin.Trusted
		if (identity.Client{Metadata: metadata}).Unverified() {
			standing = crossorigin.Registered
		}
		for _, origin := range list {
			out[origin] = max(out[origin], standing)
		}
	}
	return out, rows.Err()
}

// mayRegister reports whether a page of nobody's yet may ask what it needs to register its application, because
// a redirect address at its host would be taken.
func (e *Engine) mayRegister(r *http.Request) bool {
	p := e.cfg.Registration
	if p == nil || r.URL.Path != client.DynClientsHandlerPath && !strings.HasPrefix(r.URL.Path, "/.well-known/") {
		return false
	}
	u, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && u.Scheme == "https" && p.host(u.Hostname())
}
