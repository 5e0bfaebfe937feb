package hydra

import (
	"context"
	"crypto/rsa"
	"fmt"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v3"
	"github.com/gofrs/uuid"
	"github.com/ory/fosite"
	hx "github.com/ory/hydra/v2/x"

	"example.com/identityd/internal/ory"
)

// keyInfo is what may be known of a signing key. Hydra's own list of keys has their private halves in it
// (docs/ory-quirks.md#q148).
type keyInfo struct {
	Set       string    `json:"set"`
	ID        string    `json:"kid"`
	Algorithm string    `json:"algorithm"`
	Bits      int       `json:"bits,omitempty"`
	Made      time.Time `json:"created_at"`
	// Signs is the one key of its set that signs. The others verify.
	Signs bool `json:"signs"`
	// NeededUntil is when the last token that it can have signed expires; nil while it signs.
	NeededUntil *time.Time `json:"needed_until"`
}

// madeKey is a row with its age.
type madeKey struct {
	keyRow
	Made time.Time `db:"created_at"`
}

func (e *Engine) listKeys(r *http.Request) (any, error) {
	keys, err := e.signingKeys(r.Context())
	return map[string]any{"keys": keys}, err
}

// signingKeys are those that this process signs or verifies with, in each set the newest first.
func (e *Engine) signingKeys(ctx context.Context) (out []keyInfo, err error) {
	s := e.registry.signing
	if s == nil {
		return nil, fosite.ErrServerError.WithHint("Upstream's own signers are in force.")
	}
	out = []keyInfo{}
	for _, each := range []*signer{s.id, s.access} {
		lifespan, err := e.longest(ctx, each.set)
		if err != nil {
			return nil, err
		}
		keys, err := e.keysOf(ctx, each, lifespan)
		if err != nil {
			return nil, err
		}
		out = append(out, keys...)
	}
	return out, nil
}

func (e *Engine) keysOf(ctx context.Context, s *signer, lifespan time.Duration) ([]keyInfo, error) {
	p := e.registry.Persister()
	var rows []madeKey
	err := p.Connection(ctx).Store.SelectContext(ctx, &rows,
		"SELECT sid, kid, keydata, created_at FROM hydra_jwk WHERE nid = $1 AND sid = $2 ORDER BY created_at DESC, pk", p.NetworkID(ctx), s.set)
	if err != nil {
		return nil, fmt.Errorf("reading the keys of %s: %w", s.set, err)
	}
	var (
		out  []keyInfo
		keys []jose.JSONWebKey
	)
	for _, row := range rows {
		key, err := s.ring.open(ctx, row.keyRow)
		if err != nil {
			return nil, s.explain(err)
		}
		keys = append(keys, *key)
		info := keyInfo{Set: row.Set, ID: key.KeyID, Algorithm: key.Algorithm, Made: row.Made.UTC()}
		if public, ok := key.Public().Key.(*rsa.PublicKey); ok {
			info.Bits = public.N.BitLen()
		}
		out = append(out, info)
	}
	signs := choose(keys, s.alg)
	if signs == nil {
		return out, nil
	}
	// From the newest on. A key stopped to sign when the next one of its algorithm came; one of another algorithm
	// than the file's may sign on another replica, until the one that signs here came, or it itself.
	newer := map[string]time.Time{}
	for i := range out {
		out[i].Signs = out[i].ID == signs.KeyID
		if out[i].Signs {
			newer[""] = out[i].Made
		}
	}
	for i := range out {
		stopped, known := newer[out[i].Algorithm]
		if !known {
			if stopped = newer[""]; out[i].Made.After(stopped) {
				stopped = out[i].Made
			}
		}
		newer[out[i].Algorithm] = out[i].Made
		if !out[i].Signs {
			until := stopped.Add(lifespan)
			out[i].NeededUntil = &until
		}
	}
	return out, nil
}

// rotateKey makes the key that signs from now on. The old one verifies.
func (e *Engine) rotateKey(r *http.Request) (any, error) {
	ctx := r.Context()
	s := e.registry.signing
	var of *signer
	switch set := r.PathValue("set"); {
	case s == nil:
		return nil, fosite.ErrServerError.WithHint("Upstream's own signers are in force.")
	case set == hx.OpenIDConnectKeyName:
		of = s.id
	case set == hx.OAuth2JWTKeyName:
		of = s.access
	default:
		return nil, hx.ErrNotFound.WithHintf("The sets are %s and %s.", hx.OpenIDConnectKeyName, hx.OAuth2JWTKeyName)
	}
	was, err := of.active(ctx)
	if err != nil {
		return nil, err
	}
	kid := uuid.Must(uuid.NewV4()).String()
	if err := ory.Guard(name, func() error {
		_, err := s.ring.GenerateAndPersistKeySet(ctx, of.set, kid, was.Algorithm, "sig")
		return err
	}); err != nil {
		return nil, of.explain(err)
	}
	lifespan, err := e.longest(ctx, of.set)
	if err != nil {
		return nil, err
	}
	keys, err := e.keysOf(ctx, of, lifespan)
	return map[string]any{"set": of.set, "kid": kid, "replaced": was.KeyID, "keys": keys}, err
}

// longest is how long what a set signs is good for: as the file says, or as long as a client has it.
func (e *Engine) longest(ctx context.Context, set string) (time.Duration, error) {
	out := e.registry.Config().GetAccessTokenLifespan(ctx)
	columns := "COALESCE(authorization_code_grant_access_token_lifespan, 0) AS a, COALESCE(client_credentials_grant_access_token_lifespan, 0) AS b, " +
		"COALESCE(jwt_bearer_grant_access_token_lifespan, 0) AS c, COALESCE(refresh_token_grant_access_token_lifespan, 0) AS d"
	if set == hx.OpenIDConnectKeyName {
		out = e.registry.Config().GetIDTokenLifespan(ctx)
		columns = "COALESCE(authorization_code_grant_id_token_lifespan, 0) AS a, COALESCE(implicit_grant_id_token_lifespan, 0) AS b, " +
			"COALESCE(refresh_token_grant_id_token_lifespan, 0) AS c, 0 AS d"
	}
	p := e.registry.Persister()
	var own []struct{ A, B, C, D int64 }
	// Few have lifespans of their own; a database has no GREATEST that all three of ours know.
	if err := p.Connection(ctx).Store.SelectContext(ctx, &own, "SELECT DISTINCT "+columns+" FROM hydra_client WHERE nid = $1", p.NetworkID(ctx)); err != nil {
		return 0, fmt.Errorf("reading the lifespans of clients: %w", err)
	}
	for _, c := range own {
		out = max(out, time.Duration(max(c.A, c.B, c.C, c.D)))
	}
	return out, nil
}
