package hydra

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ory"
)

// LoginRequest returns the request behind a login challenge, or Gone when it is too old or nobody's.
func (c *Client) LoginRequest(ctx context.Context, challenge string) (*identity.LoginRequest, error) {
	var out identity.LoginRequest
	if err := c.get(ctx, pathAnswer, "login_challenge", challenge, &out); err != nil {
		return nil, expired(err)
	}
	out.Challenge = challenge
	return &out, nil
}

// AcceptLogin says who is signed in and returns where the browser goes next: back to Hydra, or to the
// beginning of the authorization when Hydra remembered somebody else.
func (c *Client) AcceptLogin(ctx context.Context, challenge string, grant identity.LoginGrant) (string, error) {
	to, err := c.put(ctx, pathAnswer, "login_challenge", challenge, grant)
	return to, expired(err)
}

// EndLogin ends a remembered session of Hydra, and Kratos' behind it. One that is unknown is no error.
func (c *Client) EndLogin(ctx context.Context, sid string) error {
	return translate(c.caller.Do(ctx, ory.Request{
		Method: http.MethodDelete, Path: "/admin/oauth2/auth/sessions/login", Query: url.Values{"sid": {sid}},
	}, nil))
}

// Client returns a client by its id, or NotFound.
func (c *Client) Client(ctx context.Context, id string) (*identity.Client, error) {
	var out identity.Client
	err := c.caller.Do(ctx, ory.Request{Path: "/admin/clients/" + url.PathEscape(id)}, &out)
	if err != nil {
		return nil, translate(err)
	}
	return &out, nil
}

// expired names what Hydra says of a challenge that is too old: that somebody is not authorized.
func expired(err error) error {
	var known *identity.Error
	var status *ory.StatusError
	if errors.As(err, &known) && errors.As(err, &status) &&
		(status.Status == http.StatusUnauthorized || status.Status == http.StatusNotFound) {
		return &identity.Error{Code: identity.Gone, Message: "This sign-in was open for too long.", Err: err}
	}
	return err
}
