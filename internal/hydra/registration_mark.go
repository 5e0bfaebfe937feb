package hydra

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/client"

	"example.com/identityd/internal/identity"
)

// newMark is what the metadata of an application hold that registered itself. No application can write metadata.
func newMark() []byte {
	raw, _ := json.Marshal(map[string]identity.SelfRegistration{identity.RegistrationMark: {At: time.Now().UTC().Truncate(time.Second)}}) // of plain fields
	return raw
}

func marked(metadata []byte) bool { return identity.RegistrationOf(metadata) != nil }

// verification is what the admin API says of it.
type verification struct {
	ID       string     `json:"client_id"`
	Name     string     `json:"client_name"`
	Verified *time.Time `json:"verified"`
}

// verifyClient writes down that an operator knows who is behind an application, or that nobody does any more.
func (e *Engine) verifyClient(r *http.Request) (any, error) {
	ctx, clients := r.Context(), e.registry.ClientManager()
	c, err := clients.GetConcreteClient(ctx, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	mark := identity.RegistrationOf(c.Metadata)
	if mark == nil {
		return nil, fosite.ErrInvalidRequest.WithHint("The client did not register itself: whoever made it knows it.")
	}
	mark.Verified = nil
	if r.Method == http.MethodPost {
		now := time.Now().UTC().Truncate(time.Second)
		mark.Verified = &now
	}
	if err := remark(c, *mark); err != nil {
		return nil, err
	}
	c.Secret = "" // stays as it is
	if err := clients.UpdateClient(ctx, c); err != nil {
		return nil, err
	}
	return verification{ID: c.GetID(), Name: c.Name, Verified: mark.Verified}, nil
}

// remark changes the mark, and leaves what else an operator put beside it.
func remark(c *client.Client, mark identity.SelfRegistration) error {
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(c.Metadata, &all); err != nil {
		return fmt.Errorf("reading the metadata of a client: %w", err)
	}
	raw, err := json.Marshal(mark)
	if err != nil {
		return fmt.Errorf("writing the metadata of a client: %w", err)
	}
	all[identity.RegistrationMark] = raw
	if c.Metadata, err = json.Marshal(all); err != nil {
		return fmt.Errorf("writing the metadata of a client: %w", err)
	}
	return nil
}
