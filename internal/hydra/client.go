package hydra

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ory"
)

// The paths of the admin API (hydra: consent/handler.go).
const (
	pathConsent = "/admin/oauth2/auth/requests/consent"
	pathLogout  = "/admin/oauth2/auth/requests/logout"
)

// Client asks Hydra's admin API what the UI has to know.
type Client struct {
	caller *ory.Caller
	// RememberFor is how long a remembered consent lasts, in seconds; 0 is for ever.
	rememberFor int64
}

// NewClient returns a client over rt. rememberForSeconds is how long a remembered consent lasts; 0 is
// for ever.
func NewClient(rt http.RoundTripper, rememberForSeconds int64) *Client {
	return &Client{caller: ory.NewCaller(InProcessAdmin, rt), rememberFor: rememberForSeconds}
}

// InProcessAdmin is the base URL of calls into the admin handler of this process. The name is never
// looked up.
const InProcessAdmin = "http://hydra.invalid"

// ConsentRequest returns the request behind a consent challenge.
func (c *Client) ConsentRequest(ctx context.Context, challenge string) (*identity.ConsentRequest, error) {
	var out identity.ConsentRequest
	if err := c.get(ctx, pathConsent, "consent_challenge", challenge, &out); err != nil {
		return nil, err
	}
	return &out, nil
}

// AcceptConsent grants and returns where the browser goes next.
func (c *Client) AcceptConsent(ctx context.Context, challenge string, grant identity.ConsentGrant) (string, error) {
	session := map[string]any{"id_token": grant.Claims}
	if len(grant.AccessTokenClaims) > 0 {
		session["access_token"] = grant.AccessTokenClaims
	}
	body := map[string]any{
		"grant_scope":                 orEmpty(grant.Scope),
		"grant_access_token_audience": orEmpty(grant.Audience),
		"remember":                    grant.Remember,
		"remember_for":                c.rememberFor,
		"session":                     session,
	}
	return c.put(ctx, pathConsent+"/accept", "consent_challenge", challenge, body)
}

// RejectConsent refuses with access_denied (RFC 6749 section 4.1.2.1).
func (c *Client) RejectConsent(ctx context.Context, challenge string) (string, error) {
	body := map[string]any{
		"error":             "access_denied",
		"error_description": "The resource owner denied the request.",
		"status_code":       http.StatusForbidden,
	}
	return c.put(ctx, pathConsent+"/reject", "consent_challenge", challenge, body)
}

// LogoutRequest returns the request behind a logout challenge.
func (c *Client) LogoutRequest(ctx context.Context, challenge string) (*identity.LogoutRequest, error) {
	var out identity.LogoutRequest
	if err := c.get(ctx, pathLogout, "logout_challenge", challenge, &out); err != nil {
		return nil, err
	}
	return &out, nil
}

// AcceptLogout ends the session and returns where the browser goes next.
func (c *Client) AcceptLogout(ctx context.Context, challenge string) (string, error) {
	return c.put(ctx, pathLogout+"/accept", "logout_challenge", challenge, nil)
}

// RejectLogout leaves the session alone.
func (c *Client) RejectLogout(ctx context.Context, challenge string) error {
	_, err := c.put(ctx, pathLogout+"/reject", "logout_challenge", challenge, nil)
	return err
}

func (c *Client) get(ctx context.Context, path, key, challenge string, out any) error {
	err := c.caller.Do(ctx, ory.Request{Path: path, Query: url.Values{key: {challenge}}}, out)
	return translate(err)
}

func (c *Client) put(ctx context.Context, path, key, challenge string, body any) (string, error) {
	var out struct {
		RedirectTo string `json:"redirect_to"`
	}
	err := c.caller.Do(ctx, ory.Request{
		Method: http.MethodPut, Path: path, Query: url.Values{key: {challenge}}, Body: body,
	}, &out)
	return out.RedirectTo, translate(err)
}

// translate names the failures that a person may meet. 410 is a request that was answered already:
// Hydra then says where its client can be started again.
func translate(err error) error {
	var status *ory.StatusError
	if err == nil || !errors.As(err, &status) {
		return err
	}
	switch status.Status {
	case http.StatusGone:
		var body struct {
			RedirectTo string `json:"redirect_to"`
		}
		// A body that does not decode leaves RedirectTo empty, which says just that.
		_ = json.Unmarshal(status.Body, &body)
		return &identity.Error{
			Code: identity.Gone, Message: "This request was answered already.",
			RedirectTo: body.RedirectTo, Err: err,
		}
	case http.StatusNotFound:
		return &identity.Error{
			Code: identity.NotFound, Message: "This request is unknown or has expired.", Err: err,
		}
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		return &identity.Error{
			Code: identity.BadRequest, Message: "This request is not valid any more.", Err: err,
		}
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		return &identity.Error{
			Code: identity.Unavailable, Message: "The service is busy. Please try again.", Err: err,
		}
	default:
		return err
	}
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
