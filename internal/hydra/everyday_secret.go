package hydra

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/client"
	"github.com/ory/x/sqlcon"

	"example.com/identityd/internal/declare"
	"example.com/identityd/internal/identity"
)

// longestGrace bounds how long a secret is honored after another one took its place: longer is two secrets.
const longestGrace = 90 * 24 * time.Hour

// second is what may be known of a secret of before; Until is nil where none is honored.
type second struct {
	Replaced *time.Time `json:"replaced_at"`
	Until    *time.Time `json:"until"`
}

func shown(s identity.ReplacedSecret, found bool) second {
	if !found {
		return second{}
	}
	return second{Replaced: &s.Made, Until: &s.Until}
}

// secondSecret says whether a client has a secret of before that is honored.
func (e *Engine) secondSecret(r *http.Request) (any, error) {
	c, err := e.secretClient(r.Context(), r.PathValue("id"))
	if err != nil || e.cfg.Replaced == nil {
		return second{}, err
	}
	was, found, err := e.cfg.Replaced.Beside(r.Context(), standsFor(c.GetHashedSecret()))
	return shown(was, found), err
}

// rotateSecret makes a new secret; the old one is honored for a while. What is honored is written down first,
// under the hash that the client does not have yet: a process that dies between the two leaves a row that says
// nothing of anybody.
func (e *Engine) rotateSecret(r *http.Request) (any, error) {
	var asked struct {
		Grace string `json:"grace"`
	}
	if err := readAsked(r, &asked); err != nil {
		return nil, err
	}
	grace, err := time.ParseDuration(asked.Grace)
	if err != nil || grace <= 0 || grace > longestGrace {
		return nil, fosite.ErrInvalidRequest.WithHintf("Field grace must be a duration such as 24h, at most %s (got %q).", longestGrace, asked.Grace)
	}
	ctx := r.Context()
	c, err := e.rotatable(ctx, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	secret := rand.Text()
	hash, err := e.registry.ClientHasher().Hash(ctx, []byte(secret))
	if err != nil {
		return nil, fmt.Errorf("hashing the secret: %w", err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	was := identity.ReplacedSecret{
		Client: c.GetID(), Current: standsFor(hash), Hash: string(c.GetHashedSecret()), Made: now, Until: now.Add(grace),
	}
	if err := e.cfg.Replaced.Keep(ctx, was); err != nil {
		return nil, err
	}
	if err := e.swapSecret(ctx, c, hash); err != nil {
		return nil, err
	}
	return map[string]any{"client_id": c.GetID(), "client_secret": secret, "previous_secret": shown(was, true)}, nil
}

// endSecret ends the grace of a secret of before.
func (e *Engine) endSecret(r *http.Request) (any, error) {
	c, err := e.secretClient(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	ended := false
	if e.cfg.Replaced != nil {
		ended, err = e.cfg.Replaced.End(r.Context(), c.GetID(), standsFor(c.GetHashedSecret()))
	}
	return map[string]any{"client_id": c.GetID(), "ended": ended}, err
}

// swapSecret gives a client the secret of a hash, unless somebody gave it another one meanwhile.
func (e *Engine) swapSecret(ctx context.Context, c *client.Client, hash []byte) error {
	p := e.registry.Persister()
	defer visitOf(ctx).forgetClients()
	n, err := p.Connection(ctx).RawQuery("UPDATE hydra_client SET client_secret = ?, updated_at = ? WHERE id = ? AND nid = ? AND client_secret = ?",
		string(hash), time.Now().UTC().Truncate(time.Second), c.GetID(), p.NetworkID(ctx), string(c.GetHashedSecret())).ExecWithCount()
	switch {
	case err != nil:
		return sqlcon.HandleError(err)
	case n == 0:
		return conflict("Somebody else changed the secret of this client at the same time.")
	}
	return nil
}

// rotatable is a client whose secret may be replaced here and now.
func (e *Engine) rotatable(ctx context.Context, id string) (*client.Client, error) {
	c, err := e.secretClient(ctx, id)
	if err != nil {
		return nil, err
	}
	methods := []string{"client_secret_basic", "client_secret_post"}
	switch owner := declare.Owner([]byte(c.Metadata)); {
	case !slices.Contains(methods, c.GetTokenEndpointAuthMethod()):
		return nil, fosite.ErrInvalidRequest.WithHintf("The client has no secret: it authenticates by %s.", c.GetTokenEndpointAuthMethod())
	case owner != "":
		return nil, conflict("The client belongs to " + owner + ": its secret is changed there.")
	case e.cfg.Replaced == nil:
		return nil, fosite.ErrInvalidRequest.WithHint("A database in memory keeps no secret of before.")
	}
	was, found, err := e.cfg.Replaced.Beside(ctx, standsFor(c.GetHashedSecret()))
	if err == nil && found {
		err = conflict("A secret of before is honored until " + was.Until.Format(time.RFC3339) + ", and a third one would end it.")
	}
	return c, err
}

func (e *Engine) secretClient(ctx context.Context, id string) (*client.Client, error) {
	return e.registry.ClientManager().GetConcreteClient(ctx, id)
}

func conflict(hint string) error {
	return &fosite.RFC6749Error{ErrorField: "conflict", DescriptionField: hint, CodeField: http.StatusConflict}
}
