package kratos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/x/sqlcon"

	"example.com/identityd/internal/identity"
)

// Person returns a person as the admin API does, without their credentials, in one statement. It returns nil for
// one that there is not.
func (e *Engine) Person(ctx context.Context, id string) (*identity.Identity, error) {
	person, err := uuid.FromString(id)
	if err != nil {
		return nil, nil // no account of Kratos'
	}
	i, err := e.registry.Persister().GetIdentity(ctx, person, kidentity.ExpandDefault)
	if errors.Is(err, sqlcon.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a person: %w", err)
	}
	return personOf(i)
}

func personOf(i *kidentity.Identity) (*identity.Identity, error) {
	out := &identity.Identity{
		ID: i.ID.String(), SchemaID: i.SchemaID, State: string(i.State), CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt,
	}
	for raw, to := range map[*map[string]any][]byte{
		&out.Traits: i.Traits, &out.MetadataPublic: i.MetadataPublic, &out.MetadataAdmin: i.MetadataAdmin,
	} {
		if len(to) == 0 {
			continue
		}
		if err := json.Unmarshal(to, raw); err != nil {
			return nil, errors.New("decoding a person: it is not as kratos writes it") // the error would quote it
		}
	}
	for _, a := range i.VerifiableAddresses {
		out.VerifiableAddresses = append(out.VerifiableAddresses, identity.VerifiableAddress{Value: a.Value, Via: string(a.Via), Verified: a.Verified})
	}
	for _, a := range i.RecoveryAddresses {
		out.RecoveryAddresses = append(out.RecoveryAddresses, identity.RecoveryAddress{Value: a.Value, Via: string(a.Via)})
	}
	return out, nil
}

// PersonID returns an id of a person as Kratos writes it, and whether it can be one.
func PersonID(text string) (id string, ok bool) {
	parsed, err := uuid.FromString(text)
	return parsed.String(), err == nil
}

// CouldKnow reports whether a subject has the form of an account of Kratos'. Others come of a sign-in that somebody
// accepted by Hydra's admin API for a person of their own: there is no account that could end.
func CouldKnow(subject string) bool {
	_, ok := PersonID(subject)
	return ok
}

// SignedIn reports whether a person is active and has a session that works.
func (e *Engine) SignedIn(ctx context.Context, id, session string) (bool, error) {
	person, err := uuid.FromString(id)
	if err != nil {
		return false, nil
	}
	p := e.registry.Persister()
	found := 0
	query, args := "SELECT COUNT(*) FROM identities AS i WHERE i.id = ? AND i.nid = ? AND i.state = ?",
		[]any{person, p.NetworkID(ctx), kidentity.StateActive}
	if session != "" {
		of, err := uuid.FromString(session)
		if err != nil {
			return false, nil
		}
		query += " AND EXISTS (SELECT 1 FROM sessions AS s WHERE s.id = ? AND s.identity_id = i.id AND s.nid = i.nid AND s.active = TRUE AND s.expires_at > ?)"
		args = append(args, of, time.Now().UTC())
	}
	c := p.GetConnection(ctx)
	if err := c.Store.GetContext(ctx, &found, c.Dialect.TranslateSQL(query), args...); err != nil {
		return false, fmt.Errorf("asking for a session: %w", sqlcon.HandleError(err))
	}
	return found == 1, nil
}
