package hydra

import (
	"context"
	"net/http"
	"net/url"

	"example.com/identityd/internal/ory"
)

// pathConsentSessions is of the admin API (hydra: consent/handler.go).
const pathConsentSessions = "/admin/oauth2/auth/sessions/consent"

// RevokeGrants takes back all that one application may do in a person's name: its tokens and codes end,
// and it has to ask again. What is gone already is no error.
func (c *Client) RevokeGrants(ctx context.Context, person, client string) error {
	return c.remove(ctx, pathConsentSessions, url.Values{"subject": {person}, "client": {client}})
}

func (c *Client) remove(ctx context.Context, path string, query url.Values) error {
	return translate(c.caller.Do(ctx, ory.Request{Method: http.MethodDelete, Path: path, Query: query}, nil))
}
