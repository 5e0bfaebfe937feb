package hydra

import (
	"context"
	"fmt"
	"net/http"

	"github.com/ory/fosite"
)

// paramIssuer is the parameter of RFC 9207, and wordIssuer says in the metadata that it is always there.
const (
	paramIssuer = "iss"
	wordIssuer  = "authorization_response_iss_parameter_supported"
)

// identified is fosite with RFC 9207: each authorization response says which issuer it is of, so that a client of
// several cannot be made to send the code of one to another (RFC 9700 section 4.4). Upstream's says it in none
// (docs/ory-quirks.md#q236). What goes elsewhere than to the redirect URI of a client, which are the pages of the
// sign-in, the error page and the sign-out, is not written here.
type identified struct {
	*fosite.Fosite
	issuer func(context.Context) string
}

// identify comes after all that look for fosite itself.
func (e *Engine) identify() error {
	f, ok := e.registry.OAuth2Provider().(*fosite.Fosite)
	if !ok {
		return fmt.Errorf("naming the issuer in responses: the provider is a %T (docs/ory-quirks.md#q236)", e.registry.OAuth2Provider())
	}
	config := e.registry.Config()
	// What discovery says (hydra: oauth2/handler.go, discoverOidcConfiguration): clients compare byte by byte.
	e.registry.provider = identified{f, func(ctx context.Context) string { return config.IssuerURL(ctx).String() }}
	return nil
}

// OAuth2Provider implements hydra's oauth2.Registry.
func (o *outgoing) OAuth2Provider() fosite.OAuth2Provider {
	if o.provider == nil {
		return o.Registry.OAuth2Provider()
	}
	return o.provider
}

// WriteAuthorizeResponse implements fosite.OAuth2Provider.
func (p identified) WriteAuthorizeResponse(ctx context.Context, w http.ResponseWriter, ar fosite.AuthorizeRequester, resp fosite.AuthorizeResponder) {
	resp.GetParameters().Set(paramIssuer, p.issuer(ctx))
	p.Fosite.WriteAuthorizeResponse(ctx, w, ar, resp)
}

// WriteAuthorizeError implements fosite.OAuth2Provider. Upstream's makes the parameters and writes them in one, so
// that they are made here as it does, and written as those of a success: in the same three modes, and each name once,
// where upstream's sends a second one of what the query of a redirect URI has already.
func (p identified) WriteAuthorizeError(ctx context.Context, w http.ResponseWriter, ar fosite.AuthorizeRequester, err error) {
	if !ar.IsRedirectURIValid() {
		p.Fosite.WriteAuthorizeError(ctx, w, ar, err)
		return
	}
	resp := fosite.NewAuthorizeResponse()
	// Hydra has no catalog of messages, so that there is no language to look for.
	resp.Parameters = fosite.ErrorToRFC6749Error(err).
		WithLegacyFormat(p.Config.GetUseLegacyErrorFormat(ctx)).
		WithExposeDebug(p.Config.GetSendDebugMessagesToClients(ctx)).
		ToValues()
	resp.Parameters.Set("state", ar.GetState())
	p.WriteAuthorizeResponse(ctx, w, ar, resp)
}
