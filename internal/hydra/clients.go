package hydra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.com/identityd/internal/declare"
	"example.com/identityd/internal/ory"
)

// pathClients is where OAuth2 clients are kept (hydra: client/handler.go).
const pathClients = "/admin/clients"

// Clients keeps OAuth2 clients through Hydra's admin API.
type Clients struct{ caller *ory.Caller }

var _ declare.Clients = (*Clients)(nil)

// NewClients returns a registry of OAuth2 clients over rt.
func NewClients(rt http.RoundTripper) *Clients {
	return &Clients{caller: ory.NewCaller(InProcessAdmin, rt)}
}

// Get returns a client, or declare.ErrNotFound.
func (c *Clients) Get(ctx context.Context, id string) (*declare.Registered, error) {
	var out struct {
		ID        string          `json:"client_id"`
		Metadata  json.RawMessage `json:"metadata"`
		CreatedAt time.Time       `json:"created_at"`
	}
	err := c.caller.Do(ctx, ory.Request{Path: clientPath(id)}, &out)
	if err != nil {
		return nil, explainClient(err)
	}
	return &declare.Registered{ID: out.ID, Metadata: out.Metadata, CreatedAt: out.CreatedAt}, nil
}

// Create makes a client, or returns declare.ErrExists.
func (c *Clients) Create(ctx context.Context, client declare.Client, metadata json.RawMessage) error {
	// The answer repeats the secret and is not read.
	return explainClient(c.caller.Do(ctx, ory.Request{
		Method: http.MethodPost, Path: pathClients, Body: clientBody(client, metadata),
	}, nil))
}

// Update replaces a client, or returns declare.ErrNotFound.
func (c *Clients) Update(
	ctx context.Context, was declare.Registered, client declare.Client, metadata json.RawMessage,
) error {
	body := clientBody(client, metadata)
	// Hydra takes an absent time for now.
	if !was.CreatedAt.IsZero() {
		body.CreatedAt = &was.CreatedAt
	}
	return explainClient(c.caller.Do(ctx, ory.Request{
		Method: http.MethodPut, Path: clientPath(client.ID), Body: body,
	}, nil))
}

func clientPath(id string) string { return pathClients + "/" + url.PathEscape(id) }

// explainClient names the answers that the caller acts on and keeps what Hydra says about the
// others: its description, never the whole answer.
func explainClient(err error) error {
	var status *ory.StatusError
	if err == nil || !errors.As(err, &status) {
		return err
	}
	switch status.Status {
	case http.StatusNotFound:
		return declare.ErrNotFound
	case http.StatusConflict:
		return declare.ErrExists
	}
	var body struct {
		Description string `json:"error_description"`
	}
	// A body of another shape leaves the description empty.
	_ = json.Unmarshal(status.Body, &body)
	if body.Description == "" {
		return fmt.Errorf("hydra answered %d", status.Status)
	}
	// What the standard has to say in general comes before what is wrong in particular (hydra:
	// client/error.go).
	why := body.Description
	if _, hint, ok := strings.Cut(why, "parameter of a Client's Metadata. "); ok && hint != "" {
		why = hint
	}
	return fmt.Errorf("hydra answered %d: %.500s", status.Status, why)
}
