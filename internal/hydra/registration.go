package hydra

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/client"

	"example.com/identityd/internal/identity"
)

// asked is what an application may say of itself (RFC 7591 section 2, OpenID Connect Dynamic Client Registration
// 1.0 section 2). Upstream takes every field of a client that it does not refuse (docs/ory-quirks.md#q189); what is not
// here never reaches it.
type asked struct {
	Name                     string          `json:"client_name,omitempty"`
	RedirectURIs             []string        `json:"redirect_uris"`
	PostLogoutRedirectURIs   []string        `json:"post_logout_redirect_uris,omitempty"`
	Origins                  []string        `json:"allowed_cors_origins,omitempty"`
	GrantTypes               []string        `json:"grant_types"`
	ResponseTypes            []string        `json:"response_types"`
	Scope                    string          `json:"scope"`
	AuthMethod               string          `json:"token_endpoint_auth_method"`
	AuthAlg                  string          `json:"token_endpoint_auth_signing_alg,omitempty"`
	Keys                     json.RawMessage `json:"jwks,omitempty"`
	KeysURI                  string          `json:"jwks_uri,omitempty"`
	Contacts                 []string        `json:"contacts,omitempty"`
	URI                      string          `json:"client_uri,omitempty"`
	LogoURI                  string          `json:"logo_uri,omitempty"`
	PolicyURI                string          `json:"policy_uri,omitempty"`
	TermsURI                 string          `json:"tos_uri,omitempty"`
	SubjectType              string          `json:"subject_type,omitempty"`
	IDAlg                    string          `json:"id_token_signed_response_alg,omitempty"`
	UserinfoAlg              string          `json:"userinfo_signed_response_alg,omitempty"`
	RequestAlg               string          `json:"request_object_signing_alg,omitempty"`
	FrontchannelLogoutURI    string          `json:"frontchannel_logout_uri,omitempty"`
	FrontchannelLogoutSessID bool            `json:"frontchannel_logout_session_required,omitempty"`
	BackchannelLogoutURI     string          `json:"backchannel_logout_uri,omitempty"`
	BackchannelLogoutSessID  bool            `json:"backchannel_logout_session_required,omitempty"`
}

// privileges are fields that would give an application what only an operator may, or what nobody needs. A
// client that sends back what it was told sends them empty.
func privileges() []string {
	return []string{
		"access_token_strategy", "audience", "client_secret", "metadata", "owner", "request_uris", "sector_identifier_uri",
		"skip_consent", "skip_logout_consent",
	}
}

// registering stands in front of the routes by which applications register and change themselves.
func (e *Engine) registering(next http.Handler) http.Handler {
	if e.cfg.Registration == nil || e.cfg.UncheckedClients {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost || r.Method == http.MethodPut {
			raw, err := io.ReadAll(r.Body)
			if err == nil {
				raw, err = e.cfg.Registration.admit(raw)
			} else {
				err = refuseRegistered("The body cannot be read.")
			}
			if err != nil {
				e.told(r.Context(), identity.Told{Cause: registeringCause(err), Reason: fosite.ErrorToRFC6749Error(err).GetDescription()})
				e.registry.Writer().WriteError(w, r, err)
				return
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
		}
		e.answering(w, r, next)
	})
}

// registeringCause is the word for why an application could not register (internal/why).
func registeringCause(err error) string {
	var refused *fosite.RFC6749Error
	if errors.As(err, &refused) && refused.ErrorField == client.ErrInvalidRedirectURI.ErrorField {
		return "registering:address"
	}
	return "registering:metadata"
}

func refuseRegistered(format string, args ...any) error {
	return client.ErrInvalidClientMetadata.WithHintf(format, args...)
}

// admit judges what an application asks to be registered with, and returns what it will be.
func (p *Registration) admit(raw []byte) ([]byte, error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields == nil {
		return nil, refuseRegistered("The body must be a JSON object.")
	}
	for name, value := range fields {
		// As the decoder takes names: whatever their case.
		name = strings.ToLower(name)
		if (slices.Contains(privileges(), name) || strings.HasSuffix(name, "_lifespan")) && !slices.Contains(empty(), string(bytes.TrimSpace(value))) {
			return nil, refuseRegistered("Field %s cannot be set by an application that registers itself.", name)
		}
	}
	var a asked
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, refuseRegistered("The body does not have the form of RFC 7591 section 2: %s", err)
	}
	for _, judge := range []func(*asked) error{p.redirects, p.grants, p.scope, p.addresses, p.origins} {
		if err := judge(&a); err != nil {
			return nil, err
		}
	}
	out, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("writing what is registered: %w", err)
	}
	return out, nil
}

func empty() []string { return []string{"", "null", `""`, "false", "[]", "{}", "0"} }

// grants are those of a sign-in: nobody stands behind a registration whom a token without a person could be for.
func (p *Registration) grants(a *asked) error {
	if len(a.GrantTypes) == 0 {
		a.GrantTypes = []string{"authorization_code"}
	}
	for _, grant := range a.GrantTypes {
		if grant != "authorization_code" && grant != "refresh_token" {
			return refuseRegistered("Field grant_types may hold authorization_code and refresh_token only.")
		}
	}
	if len(a.ResponseTypes) == 0 {
		a.ResponseTypes = []string{"code"}
	}
	if !slices.Equal(a.ResponseTypes, []string{"code"}) {
		return refuseRegistered("Field response_types may hold code only.")
	}
	if a.AuthMethod == "" {
		a.AuthMethod = "client_secret_basic"
	}
	if !slices.Contains([]string{"none", "client_secret_basic", "client_secret_post", "private_key_jwt"}, a.AuthMethod) {
		return refuseRegistered("Field token_endpoint_auth_method must be none, client_secret_basic, client_secret_post or private_key_jwt.")
	}
	if name := []rune(a.Name); len(name) > longestName {
		return refuseRegistered("Field client_name must have at most %d characters.", longestName)
	}
	return nil
}

const longestName = 100

// scope gives what may be had of what was asked for; RFC 7591 lets a server do so, and tells it in the answer.
func (p *Registration) scope(a *asked) error {
	want := strings.Fields(a.Scope)
	if len(want) == 0 {
		a.Scope = strings.Join(p.Scopes, " ")
		return nil
	}
	want = slices.DeleteFunc(want, func(s string) bool { return !slices.Contains(p.Scopes, s) })
	if len(want) == 0 {
		return refuseRegistered("Field scope holds none of the scopes that may be asked for: %s.", strings.Join(p.Scopes, " "))
	}
	a.Scope = strings.Join(want, " ")
	return nil
}

// registeredClients is the manager for applications that register themselves: it marks them, and knows which
// are marked.
type registeredClients struct {
	client.Manager
	told func(context.Context, string, map[string]string)
}

// CreateClient implements client.Storage.
func (m registeredClients) CreateClient(ctx context.Context, c *client.Client) error {
	c.Metadata = newMark()
	if err := m.Manager.CreateClient(ctx, c); err != nil {
		return err
	}
	m.tell(ctx, c)
	c.Metadata = nil // which is nobody's business outside
	return nil
}

// UpdateClient implements client.Storage. A change by the application takes away that somebody verified it, and
// upstream's would take the mark along (docs/ory-quirks.md#q195).
func (m registeredClients) UpdateClient(ctx context.Context, c *client.Client) error {
	was, err := m.Manager.GetConcreteClient(ctx, c.GetID())
	if err != nil {
		return err
	}
	mark := identity.RegistrationOf(was.Metadata)
	if mark == nil {
		return fosite.ErrNotFound
	}
	mark.Verified = nil
	// What operators put beside it stays: how long its tokens are good for and what they look like too.
	c.Metadata, c.CreatedAt, c.Lifespans, c.AccessTokenStrategy = was.Metadata, was.CreatedAt, was.Lifespans, was.AccessTokenStrategy
	if err := remark(c, *mark); err != nil {
		return err
	}
	if err := m.Manager.UpdateClient(ctx, c); err != nil {
		return err
	}
	m.tell(ctx, c)
	c.Metadata = nil
	return nil
}

// GetConcreteClient implements client.Storage. Every client has a registration token, also one of the admin API:
// with it, its holder would change what an operator made.
func (m registeredClients) GetConcreteClient(ctx context.Context, id string) (*client.Client, error) {
	c, err := m.Manager.GetConcreteClient(ctx, id)
	if err == nil && !marked(c.Metadata) {
		return nil, fosite.ErrNotFound
	}
	return c, err
}

func (m registeredClients) tell(ctx context.Context, c *client.Client) {
	if m.told != nil {
		m.told(ctx, c.GetID(), map[string]string{"name": c.Name, "redirect_uris": strings.Join(c.RedirectURIs, " ")})
	}
}
