package hydra

import (
	"context"
	"maps"

	"github.com/ory/fosite/token/jwt"
	hconfig "github.com/ory/hydra/v2/driver/config"
)

// The types of RFC 9068 section 2.1 and of OpenID Connect Back-Channel Logout 1.0 section 2.4: by them whoever
// verifies a token knows that it is none of the others that are signed here.
const (
	typAccessToken = "at+jwt"
	typLogoutToken = "logout+jwt"
)

// accessTokens makes access tokens that are JWTs as RFC 9068 wants them. Upstream calls them JWT, has a list where the
// RFC has a string, and an empty list for who may take a token that was asked for without an audience
// (docs/ory-quirks.md#q233).
type accessTokens struct {
	*signer
	config *hconfig.DefaultProvider
}

// Generate implements jwt.Signer.
func (a accessTokens) Generate(ctx context.Context, claims jwt.MapClaims, header jwt.Mapper) (token, signature string, err error) {
	if a.config.GetJWTScopeField(ctx) == jwt.JWTScopeFieldList {
		return a.signer.Generate(ctx, claims, header) // the file wants upstream's own
	}
	return a.signer.Generate(ctx, asAccessToken(claims), typed{header, typAccessToken})
}

// asAccessToken are the claims of RFC 9068. Its issuer serves a token that nobody else was named for, at userinfo
// (docs/adr/0082-access-tokens.md).
func asAccessToken(claims jwt.MapClaims) jwt.MapClaims {
	out := maps.Clone(claims)
	if list, ok := out["aud"].([]string); !ok || len(list) == 0 {
		out["aud"] = []any{out["iss"]}
	}
	if out["scope"] == "" { // the grammar of scopes has none that is empty
		delete(out, "scope")
	}
	return out
}

// typed is a header with a type.
type typed struct {
	jwt.Mapper
	typ string
}

// ToMap implements jwt.Mapper.
func (h typed) ToMap() map[string]any {
	out := maps.Clone(h.Mapper.ToMap())
	out["typ"] = h.typ
	return out
}
