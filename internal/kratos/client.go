package kratos

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ory"
)

// The bases of calls into this process. The names are never looked up.
const (
	inProcessPublic = "http://kratos.invalid"
	inProcessAdmin  = "http://kratos-admin.invalid"
)

// Client asks Kratos' APIs what the UI has to know.
type Client struct {
	public *ory.Caller
	admin  *ory.Caller
}

// NewClient returns a client over the transports to the public and the admin handler.
func NewClient(public, admin http.RoundTripper) *Client {
	return &Client{
		public: ory.NewCaller(inProcessPublic, public),
		admin:  ory.NewCaller(inProcessAdmin, admin),
	}
}

// Flow returns a self-service flow. The browser's cookies prove that the flow is its own.
func (c *Client) Flow(ctx context.Context, kind identity.FlowKind, id, cookie string) (*identity.Flow, error) {
	var out identity.Flow
	err := c.public.Do(ctx, ory.Request{
		Path:   "/self-service/" + string(kind) + "/flows",
		Query:  url.Values{"id": {id}},
		Header: cookies(cookie),
	}, &out)
	if err != nil {
		return nil, translate(err)
	}
	return &out, nil
}

// LogoutURL returns the address that ends the browser's session; the person ends at returnTo, or on
// the signed-out page when it is empty.
func (c *Client) LogoutURL(ctx context.Context, cookie, returnTo string) (string, error) {
	query := url.Values{}
	if returnTo != "" {
		query.Set("return_to", returnTo)
	}
	var out struct {
		LogoutURL string `json:"logout_url"`
	}
	err := c.public.Do(ctx, ory.Request{
		Path: "/self-service/logout/browser", Query: query, Header: cookies(cookie),
	}, &out)
	return out.LogoutURL, translate(err)
}

// FlowError returns a failure that Kratos stored for the error page.
func (c *Client) FlowError(ctx context.Context, id, cookie string) (*identity.FlowError, error) {
	var out struct {
		ID    string `json:"id"`
		Error struct {
			ID      string `json:"id"`
			Code    int    `json:"code"`
			Reason  string `json:"reason"`
			Message string `json:"message"`
		} `json:"error"`
	}
	err := c.public.Do(ctx, ory.Request{
		Path: "/self-service/errors", Query: url.Values{"id": {id}}, Header: cookies(cookie),
	}, &out)
	if err != nil {
		return nil, translate(err)
	}
	return &identity.FlowError{
		ID: out.ID, Kind: out.Error.ID, Status: out.Error.Code, Reason: out.Error.Reason, Message: out.Error.Message,
	}, nil
}

// WebAuthnScript returns the script that passkeys and security keys need in a browser.
func (c *Client) WebAuthnScript(ctx context.Context) ([]byte, error) {
	var body []byte
	err := c.public.Do(ctx, ory.Request{Path: "/.well-known/ory/webauthn.js"}, &body)
	return body, translate(err)
}

// Whoami returns the session behind the browser's cookies.
func (c *Client) Whoami(ctx context.Context, cookie string) (*identity.Session, error) {
	var out identity.Session
	err := c.public.Do(ctx, ory.Request{Path: "/sessions/whoami", Header: cookies(cookie)}, &out)
	if err != nil {
		return nil, translate(err)
	}
	return &out, nil
}

// Identity returns a person by id.
func (c *Client) Identity(ctx context.Context, id string) (*identity.Identity, error) {
	var out identity.Identity
	err := c.admin.Do(ctx, ory.Request{Path: "/admin/identities/" + url.PathEscape(id)}, &out)
	if err != nil {
		return nil, translate(err)
	}
	return &out, nil
}

func cookies(value string) http.Header {
	if value == "" {
		return nil
	}
	return http.Header{"Cookie": {value}}
}

// translate names the failures that a person may meet. Kratos says where to go instead for flows that
// expired (410) and for a second factor (403).
func translate(err error) error {
	var status *ory.StatusError
	if err == nil || !errors.As(err, &status) {
		return err
	}
	var body struct {
		Error struct {
			ID      string `json:"id"`
			Details struct {
				RedirectTo string `json:"redirect_to"`
			} `json:"details"`
		} `json:"error"`
		RedirectTo string `json:"redirect_browser_to"`
	}
	// A body that does not decode leaves no place to go, which the page copes with.
	_ = json.Unmarshal(status.Body, &body)
	out := &identity.Error{RedirectTo: body.RedirectTo, Err: err}
	switch status.Status {
	case http.StatusUnauthorized:
		out.Code, out.Message = identity.NoSession, "You are not signed in."
	case http.StatusForbidden:
		out.Code, out.Message = identity.Forbidden, "This page belongs to another browser window."
		if body.Error.ID == "session_aal2_required" {
			out.Code, out.Message = identity.AALRequired, "A second step is needed to sign in."
		}
	case http.StatusNotFound:
		out.Code, out.Message = identity.NotFound, "This page does not exist any more."
	case http.StatusGone:
		out.Code, out.Message = identity.Gone, "This page has expired."
		// Kratos' own redirect lives in details for expired flows. It starts the flow anew.
		out.RedirectTo = body.Error.Details.RedirectTo
	case http.StatusBadRequest:
		out.Code, out.Message = identity.BadRequest, "The request was not understood."
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		out.Code, out.Message = identity.Unavailable, "The service is busy. Please try again."
	default:
		return err
	}
	return out
}
