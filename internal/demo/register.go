package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The client that is registered in development, and the name it is known again by.
const (
	ownClientID   = "identityd-demo"
	ownClientName = "identityd demo"
)

// credentials are those of the client in use.
type credentials struct {
	id, secret string
	// made are the requests that registered it; none when it was made otherwise.
	made []exchange
}

// register makes or updates the demo's own client at Hydra's admin API. Its secret is new with every
// run, so that none has to be kept.
func register(ctx context.Context, cfg Config, p *provider, base string, rt http.RoundTripper) (
	credentials, error,
) {
	c := credentials{id: ownClientID, secret: rand.Text()}
	rec := &recorder{next: rt, name: "Look for the client", secret: c.secret, mayMiss: true}
	at := cfg.AdminURL + "/admin/clients/" + url.PathEscape(c.id)
	status, found, err := askAdmin(ctx, rec, cfg, http.MethodGet, at, nil)
	if err != nil {
		return credentials{}, err
	}
	method := http.MethodPut
	switch {
	case status == http.StatusNotFound:
		method, at = http.MethodPost, cfg.AdminURL+"/admin/clients"
	case status != http.StatusOK:
		return credentials{}, fmt.Errorf("%s answers, but not as Hydra's admin API (%d): name it with "+
			"--hydra-admin", cfg.AdminURL, status)
	case text(found, "client_name") != ownClientName:
		return credentials{}, fmt.Errorf("there is a client %s at %s that this command did not make, and it "+
			"is left alone: rename it, or use it with --client-id and --client-secret", c.id, cfg.AdminURL)
	}
	rec.name = "Register the client"
	status, answer, err := askAdmin(ctx, rec, cfg, method, at, map[string]any{
		"client_id": c.id, "client_secret": c.secret, "client_name": ownClientName,
		"grant_types":                []string{"authorization_code", "refresh_token"},
		"response_types":             []string{"code"},
		"scope":                      strings.Join(scopesOf(p), " "),
		"redirect_uris":              []string{base + pathCallback},
		"post_logout_redirect_uris":  []string{base + pathSignedOut},
		"token_endpoint_auth_method": "client_secret_basic",
	})
	if err != nil {
		return credentials{}, err
	}
	if status == http.StatusNotFound {
		return credentials{}, fmt.Errorf("%s answers, but not as Hydra's admin API: name it with --hydra-admin",
			cfg.AdminURL)
	}
	if status != http.StatusCreated && status != http.StatusOK {
		return credentials{}, fmt.Errorf("registering client %s at %s: got status %d (%s)", c.id, cfg.AdminURL,
			status, orText(text(answer, "error_description"), text(answer, "error")))
	}
	c.made = rec.seen
	return c, nil
}

// scopesOf are the scopes worth offering, openid first.
func scopesOf(p *provider) []string {
	out := []string{"openid"}
	for _, scope := range p.meta.Scopes {
		// offline is Hydra's older word for offline_access.
		alias := scope == "offline" && slices.Contains(p.meta.Scopes, "offline_access")
		if !alias && !slices.Contains(out, scope) {
			out = append(out, scope)
		}
	}
	return out
}

// askAdmin asks Hydra's admin API, with a JSON body if there is one.
func askAdmin(
	ctx context.Context, rec *recorder, cfg Config, method, at string, body any,
) (int, []byte, error) {
	var sent io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return 0, nil, fmt.Errorf("writing a request to %s: %w", cfg.AdminURL, err)
		}
		sent = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, at, sent)
	if err != nil {
		return 0, nil, fmt.Errorf("making a request to %s: %w", cfg.AdminURL, err)
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := client(rec).Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("registering the demo's client: Hydra's admin API does not answer at %s: "+
			"name it with --hydra-admin, or use a client of yours with --client-id", cfg.AdminURL)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, nil, fmt.Errorf("reading the answer of %s: %w", cfg.AdminURL, err)
	}
	return res.StatusCode, answer, nil
}
