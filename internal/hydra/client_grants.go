package hydra

import (
	"context"
	"net/http"
	"net/url"

	"example.com/identityd/internal/ory"
)

// The paths of the admin API (hydra: consent/handler.go).
const (
	pathConsentSessions = "/admin/oauth2/auth/sessions/consent"
	pathLoginSessions   = "/admin/oauth2/auth/sessions/login"
)

// RevokeGrants takes back all that one application may do in a person's name: its tokens and codes end,
// and it has to ask again. What is gone already is no error.
func (c *Client) RevokeGrants(ctx context.Context, person, client string) error {
	return c.remove(ctx, pathConsentSessions, url.Values{"subject": {person}, "client": {client}})
}

// EndEverything ends what Hydra keeps of a person: first the sessions, so that no application gets a new
// token without a question, then all consents, codes and tokens. It can be repeated.
func (c *Client) EndEverything(ctx context.Context, person string) error {
	if err := c.remove(ctx, pathLoginSessions, url.Values{"subject": {person}}); err != nil {
		return err
	}
	return c.remove(ctx, pathConsentSessions, url.Values{"subject": {person}, "all": {"true"}})
}

func (c *Client) remove(ctx context.Context, path string, query url.Values) error {
	return translate(c.caller.Do(ctx, ory.Request{Method: http.MethodDelete, Path: path, Query: query}, nil))
}
