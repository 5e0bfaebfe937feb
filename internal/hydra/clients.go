package hydra

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ory/x/sqlcon"

	"example.com/identityd/internal/declare"
	"example.com/identityd/internal/ory"
)

// pathClients is where OAuth2 clients are kept (hydra: client/handler.go).
const pathClients = "/admin/clients"

// Clients keeps OAuth2 clients through Hydra's admin API.
type Clients struct {
	caller *ory.Caller
	secret func(ctx context.Context, id string) (string, error)
}

var _ declare.Registry = (*Clients)(nil)

// NewClients returns a registry of OAuth2 clients over rt. secret returns what stands for the stored secret of
// a client, which the API does not show: another one was set by somebody else (Engine.StoredSecret).
func NewClients(rt http.RoundTripper, secret func(ctx context.Context, id string) (string, error)) *Clients {
	return &Clients{caller: ory.NewCaller(InProcessAdmin, rt), secret: secret}
}

// held is what is remembered of a client between reading and writing it.
type held struct {
	metadata json.RawMessage
	created  time.Time
}

// volatile are the keys of a client that change on their own, or are looked at by themselves.
func volatile() []string {
	return []string{
		"created_at", "updated_at", "metadata", "client_secret", "client_secret_expires_at",
		"registration_access_token", "registration_client_uri",
	}
}

// Get returns a client, or declare.ErrNotFound.
func (c *Clients) Get(ctx context.Context, w declare.Want, _ string) (*declare.Held, error) {
	var raw []byte
	err := c.caller.Do(ctx, ory.Request{Path: clientPath(w.Name())}, &raw)
	if err != nil {
		return nil, explainClient(err)
	}
	var out oauth2Client
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("decoding a client: %w", err)
	}
	sum, err := declare.Sum(raw, volatile()...)
	if err != nil {
		return nil, err
	}
	secret, err := c.secret(ctx, w.Name())
	if err != nil {
		return nil, fmt.Errorf("reading the secret's hash: %w", err)
	}
	h := held{metadata: out.Metadata}
	if out.CreatedAt != nil {
		h.created = *out.CreatedAt
	}
	return &declare.Held{
		Kind: declare.KindClient, Name: out.ID, Ref: h.created.UTC().Format(time.RFC3339), Mark: declare.MarkOf(out.Metadata),
		Values: declaredClient(out).Values(), Sum: sum + secret, Raw: h,
	}, nil
}

// Find knows no client but by its id, which Get has looked for.
func (*Clients) Find(context.Context, declare.Want) (*declare.Held, error) {
	return nil, declare.ErrNotFound
}

// Create makes a client, or returns declare.ErrExists.
func (c *Clients) Create(ctx context.Context, w declare.Want, m declare.Mark) (*declare.Held, error) {
	metadata, err := declare.Marked(nil, m)
	if err == nil {
		metadata, err = narrowed(metadata, w.Client.Claims)
	}
	if err != nil {
		return nil, err
	}
	// The answer repeats the secret and is not read.
	err = explainClient(c.caller.Do(ctx, ory.Request{
		Method: http.MethodPost, Path: pathClients, Body: clientBody(*w.Client, metadata),
	}, nil))
	if err != nil {
		return nil, err
	}
	return c.Get(ctx, w, "")
}

// Update replaces a client, or returns declare.ErrNotFound. Without its secret the old one stays.
func (c *Clients) Update(ctx context.Context, was *declare.Held, w declare.Want, m declare.Mark, secret bool) (*declare.Held, error) {
	h, _ := was.Raw.(held)
	metadata, err := declare.Marked(h.metadata, m)
	if err == nil {
		metadata, err = narrowed(metadata, w.Client.Claims)
	}
	if err != nil {
		return nil, err
	}
	body := clientBody(*w.Client, metadata)
	if !secret {
		body.Secret = ""
	}
	// Hydra takes an absent time for now.
	if !h.created.IsZero() {
		body.CreatedAt = &h.created
	}
	err = explainClient(c.caller.Do(ctx, ory.Request{
		Method: http.MethodPut, Path: clientPath(w.Name()), Body: body,
	}, nil))
	if err != nil {
		return nil, err
	}
	return c.Get(ctx, w, "")
}

// Leave removes a client that left the file.
func (c *Clients) Leave(ctx context.Context, was *declare.Held) (*declare.Held, error) {
	return nil, c.Delete(ctx, was)
}

// Delete removes a client, with the grants and tokens that hang on it.
func (c *Clients) Delete(ctx context.Context, was *declare.Held) error {
	return explainClient(c.caller.Do(ctx, ory.Request{Method: http.MethodDelete, Path: clientPath(was.Name)}, nil))
}

// StoredSecret stands for the hash of a client's secret, which no API shows (docs/ory-quirks.md#q168).
func (e *Engine) StoredSecret(ctx context.Context, id string) (string, error) {
	c, err := e.registry.ClientManager().GetConcreteClient(ctx, id)
	if errors.Is(err, sqlcon.ErrNoRows) {
		return "", declare.ErrNotFound
	}
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(c.Secret))
	return hex.EncodeToString(sum[:]), nil
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
