package hydra

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	hconfig "github.com/ory/hydra/v2/driver/config"

	"example.com/identityd/internal/declare"
)

// about is what an application has to be told of the provider. Its discovery document has the rest.
type about struct {
	Issuer        string `json:"issuer"`
	Discovery     string `json:"discovery"`
	Metadata      string `json:"oauth_metadata"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	Userinfo      string `json:"userinfo_endpoint"`
	Revocation    string `json:"revocation_endpoint"`
	EndSession    string `json:"end_session_endpoint"`
	Keys          string `json:"jwks_uri"`
	// Dev is where http is taken for more than this machine.
	Dev bool `json:"development"`
}

func (e *Engine) provider(r *http.Request) (any, error) {
	ctx, c := r.Context(), e.registry.Config()
	issuer := c.IssuerURL(ctx).String()
	at := func(path string) string { return strings.TrimSuffix(issuer, "/") + path }
	return about{
		Issuer: issuer, Discovery: at("/.well-known/openid-configuration"), Metadata: at("/.well-known/oauth-authorization-server"),
		Authorization: c.OAuth2AuthURL(ctx).String(), Token: c.OAuth2TokenURL(ctx).String(), Userinfo: c.OIDCDiscoveryUserinfoEndpoint(ctx).String(),
		Revocation: at("/oauth2/revoke"), EndSession: at("/oauth2/sessions/logout"), Keys: at("/.well-known/jwks.json"), Dev: e.cfg.Dev,
	}, nil
}

// explained is what a client may do, and what would become of what was asked about.
type explained struct {
	ID       string    `json:"client_id"`
	Name     string    `json:"client_name"`
	May      []string  `json:"may"`
	Verdicts []verdict `json:"verdicts"`
}

// explainClient says why something that an application sends would be refused.
func (e *Engine) explainClient(r *http.Request) (any, error) {
	ctx, query := r.Context(), r.URL.Query()
	c, err := e.secretClient(ctx, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	j := judge{e, c}
	out := explained{ID: c.GetID(), Name: c.Name, Verdicts: []verdict{}}
	if out.May, err = j.may(ctx); err != nil {
		return nil, err
	}
	for _, one := range query["redirect_uri"] {
		out.Verdicts = append(out.Verdicts, j.redirect(ctx, one))
	}
	for _, one := range query["origin"] {
		out.Verdicts = append(out.Verdicts, j.origin(ctx, one))
	}
	for _, one := range query["scope"] {
		out.Verdicts = append(out.Verdicts, j.scope(ctx, one))
	}
	for _, one := range query["audience"] {
		out.Verdicts = append(out.Verdicts, j.audience(ctx, one))
	}
	for _, one := range query["grant_type"] {
		out.Verdicts = append(out.Verdicts, j.grant(one))
	}
	if len(query["redirect_uri"]) > 0 {
		out.Verdicts = append(out.Verdicts, j.pkce(ctx))
	}
	return out, nil
}

// may is in plain words what a client may do.
func (j judge) may(ctx context.Context) (out []string, err error) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	c := j.client
	if owner := declare.Owner([]byte(c.Metadata)); owner != "" {
		say("It is declared in %s (clients[].id: %s), and changed there.", owner, c.GetID())
	}
	if err := j.proof(ctx, say); err != nil {
		return nil, err
	}
	if j.has("authorization_code") || j.has("implicit") {
		j.signIns(ctx, say)
	}
	if j.has("client_credentials") {
		say("It gets tokens for itself (client_credentials): there is no person behind them.")
	}
	if scopes := c.GetScopes(); len(scopes) > 0 {
		say("It may ask for the scopes %s.", strings.Join(scopes, ", "))
	} else {
		say("It may ask for no scope.")
	}
	if len(c.Audience) > 0 {
		say("It may ask for tokens for %s.", strings.Join(c.Audience, ", "))
	}
	format := "opaque: whoever gets one asks the introspection endpoint"
	if j.engine.registry.Config().AccessTokenStrategy(ctx, c) == hconfig.AccessTokenJWTStrategy {
		format = "JWTs: whoever gets one can verify it by the keys of the provider"
	}
	say("Its access tokens are %s.", format)
	return out, nil
}

// proof says how the client proves itself.
func (j judge) proof(ctx context.Context, say func(string, ...any)) error {
	c := j.client
	switch method := c.GetTokenEndpointAuthMethod(); method {
	case "none":
		say("It has no secret (token_endpoint_auth_method: none), and so has to use PKCE when people sign in.")
		return nil
	case "private_key_jwt":
		say("It proves itself by a JWT that it signs (private_key_jwt).")
		return nil
	default:
		say("It proves itself by its secret (%s); sent in another way it is refused.", method)
	}
	if j.engine.cfg.Replaced == nil {
		return nil
	}
	was, found, err := j.engine.cfg.Replaced.Beside(ctx, standsFor(c.GetHashedSecret()))
	if found {
		say("Its secret of before is honored until %s.", was.Until.Format(time.RFC3339))
	}
	return err
}

func (j judge) signIns(ctx context.Context, say func(string, ...any)) {
	c := j.client
	for _, uri := range c.GetRedirectURIs() {
		note := ""
		if anyPort(uri) {
			note = ", on any port"
		}
		say("A sign-in may end at %s%s.", uri, note)
	}
	if len(c.GetRedirectURIs()) == 0 {
		say("A sign-in has nowhere to end: no redirect URI is registered.")
	}
	for _, uri := range c.PostLogoutRedirectURIs {
		say("A sign-out may end at %s.", uri)
	}
	if p := j.pkce(ctx); !p.Accepted {
		say("It has to send PKCE (code_challenge, S256).")
	}
	switch {
	case !j.has("refresh_token"):
		say("It gets no refresh tokens: the grant refresh_token is missing.")
	case !j.engine.registry.OAuth2ProviderConfig().GetScopeStrategy(ctx)(c.GetScopes(), "offline_access"):
		say("It gets no refresh tokens: the scope offline_access is missing.")
	default:
		say("It gets refresh tokens where offline_access is granted; each is good once, and replaced by the next.")
	}
	if c.SkipConsent {
		say("People are not asked for consent (skip_consent): it counts as one of your own.")
	} else {
		say("People are asked for consent.")
	}
	if len(c.AllowedCORSOrigins) > 0 {
		say("Scripts of %s may call the token endpoint and its like.", strings.Join(c.AllowedCORSOrigins, ", "))
	}
}
