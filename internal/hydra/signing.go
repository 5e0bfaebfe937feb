package hydra

import (
	"context"
	"fmt"
	"net/http"

	"github.com/go-jose/go-jose/v3"
	"github.com/ory/fosite/compose"
	foauth2 "github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/handler/openid"
	"github.com/ory/fosite/token/jwt"
	"github.com/ory/hydra/v2/fositex"
	"github.com/ory/hydra/v2/jwk"
	hoauth2 "github.com/ory/hydra/v2/oauth2"
	hx "github.com/ory/hydra/v2/x"
)

// signing is what signs and verifies in the place of Hydra's own.
type signing struct {
	ring       *keyring
	id, access *signer
	prompts    *openid.OpenIDConnectRequestValidator
	handler    *jwk.Handler
}

func (e *Engine) signing(o *outgoing) (*signing, error) {
	r := o.Registry
	ring, err := newKeyring(r.KeyManager(), r.Persister(), r.KeyCipher(), e.cfg.SerializeWrites)
	if err != nil {
		return nil, err
	}
	s := &signing{
		ring:   ring,
		id:     &signer{DefaultSigner: &jwt.DefaultSigner{}, ring: ring, set: hx.OpenIDConnectKeyName, alg: jose.SignatureAlgorithm(e.cfg.Tokens.SignID)},
		access: &signer{DefaultSigner: &jwt.DefaultSigner{}, ring: ring, set: hx.OAuth2JWTKeyName, alg: jose.SignatureAlgorithm(e.cfg.Tokens.SignAccess)},
	}
	s.prompts = openid.NewOpenIDConnectRequestValidator(s.id, r.OAuth2ProviderConfig())
	s.handler = jwk.NewHandler(o)
	return s, nil
}

// KeyManager implements jwk.Registry.
func (o *outgoing) KeyManager() jwk.Manager {
	if o.signing == nil {
		return o.Registry.KeyManager()
	}
	return o.signing.ring
}

// KeyHandler implements hydra's driver.Registry.
func (o *outgoing) KeyHandler() *jwk.Handler {
	if o.signing == nil {
		return o.Registry.KeyHandler()
	}
	return o.signing.handler
}

// OpenIDJWTStrategy implements hydra's client.Registry.
func (o *outgoing) OpenIDJWTStrategy() jwk.JWTSigner {
	if o.signing == nil {
		return o.Registry.OpenIDJWTStrategy()
	}
	return o.signing.id
}

// AccessTokenJWTStrategy implements hydra's oauth2.Registry.
func (o *outgoing) AccessTokenJWTStrategy() jwk.JWTSigner {
	if o.signing == nil {
		return o.Registry.AccessTokenJWTStrategy()
	}
	return o.signing.access
}

// OpenIDConnectRequestValidator implements hydra's consent.Registry.
func (o *outgoing) OpenIDConnectRequestValidator() *openid.OpenIDConnectRequestValidator {
	if o.signing == nil {
		return o.Registry.OpenIDConnectRequestValidator()
	}
	return o.signing.prompts
}

// takeSignatures puts our signers where fosite looks: all its handlers share one strategy, which Hydra built of
// its own (hydra: driver/registry_sql.go, OAuth2ProviderConfig).
func (e *Engine) takeSignatures(ctx context.Context) error {
	if e.registry.signing == nil {
		return nil
	}
	r, id, access := e.registry.Registry, e.registry.signing.id, e.registry.signing.access
	cfg := r.OAuth2ProviderConfig()
	var shared *compose.CommonStrategy
	for _, h := range cfg.GetTokenIntrospectionHandlers(ctx) {
		if v, ok := h.(*foauth2.CoreValidator); ok {
			shared, _ = v.CoreStrategy.(*compose.CommonStrategy)
		}
	}
	if shared == nil {
		return fmt.Errorf("taking over signatures: fosite's handlers do not share a strategy (docs/ory-quirks.md#q120)")
	}
	shared.Signer = id
	shared.OpenIDConnectTokenStrategy = &openid.DefaultStrategy{Signer: id, Config: cfg}
	shared.CoreStrategy = fositex.NewTokenStrategy(r.Config(), r.OAuth2HMACStrategy(), &foauth2.DefaultJWTStrategy{
		Signer: accessTokens{access, r.Config()}, HMACSHAStrategy: r.OAuth2HMACStrategy(), Config: cfg,
	})
	return nil
}

// signedUserinfo lets the answers of userinfo be signed as their clients were promised: Hydra knows RS256
// there and nothing else, whatever ID tokens are signed with (docs/ory-quirks.md#q122).
func (e *Engine) signedUserinfo(next http.Handler) http.Handler {
	if e.registry.signing == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == hoauth2.UserinfoPath {
			r = r.WithContext(demanding(r.Context(), jose.RS256))
		}
		next.ServeHTTP(w, r)
	})
}
