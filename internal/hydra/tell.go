package hydra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/ory/fosite/token/jwt"
	hx "github.com/ory/hydra/v2/x"

	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/signout"
)

// logoutEvent is the one member of the claim events (OpenID Connect Back-Channel Logout 1.0 section 2.4).
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// logoutTokenLife is how long a logout token may be taken. It is made anew for each attempt.
const logoutTokenLife = 2 * time.Minute

// Tell posts a logout token to the client of a message, once. It reports false when the client is gone or
// does not want to be told any longer.
func (e *Engine) Tell(ctx context.Context, m signout.Message) (told bool, err error) {
	err = ory.Guard(name, func() error { told, err = e.post(ctx, m); return err })
	return told, err
}

func (e *Engine) post(ctx context.Context, m signout.Message) (bool, error) {
	c, err := e.registry.ClientManager().GetConcreteClient(ctx, m.Client)
	if errors.Is(err, hx.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the client: %w", err)
	}
	if c.BackChannelLogoutURI == "" {
		return false, nil
	}
	token, err := e.logoutToken(ctx, m)
	if err != nil {
		return false, fmt.Errorf("signing a logout token: %w", err)
	}
	body := url.Values{"logout_token": {token}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BackChannelLogoutURI, strings.NewReader(body))
	if err != nil {
		return false, errors.New("the client's address for sign-outs cannot be read")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := e.logoutClient(ctx).Do(req)
	if err != nil {
		return false, fmt.Errorf("posting a logout token: %w", unaddressed(err))
	}
	defer res.Body.Close()
	// So that the connection can be used again; what it says is of no interest.
	_, _ = io.CopyN(io.Discard, res.Body, 4<<10)
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNoContent {
		return false, &signout.Refused{Status: res.StatusCode}
	}
	return true, nil
}

func (e *Engine) logoutToken(ctx context.Context, m signout.Message) (string, error) {
	signer := e.registry.OpenIDJWTStrategy()
	kid, err := signer.GetPublicKeyID(ctx)
	if err != nil {
		return "", err
	}
	now := time.Now()
	token, _, err := signer.Generate(ctx, jwt.MapClaims{
		"iss":    e.registry.Config().IssuerURL(ctx).String(),
		"aud":    []string{m.Client},
		"iat":    now.Unix(),
		"exp":    now.Add(logoutTokenLife).Unix(),
		"jti":    m.ID,
		"sid":    m.Session,
		"events": map[string]any{logoutEvent: map[string]any{}},
	}, &jwt.Headers{Extra: map[string]any{"kid": kid, "typ": typLogoutToken}})
	return token, err
}

// logoutClient makes one attempt and follows no redirect: further attempts are the queue's.
func (e *Engine) logoutClient(ctx context.Context) *http.Client {
	c := e.registry.HTTPClient(ctx)
	c.RetryMax = 0
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c.StandardClient()
}

// unaddressed leaves the address out of an error of net/http: it may hold a secret of the client's.
func unaddressed(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return unaddressed(u.Err)
	}
	return err
}
