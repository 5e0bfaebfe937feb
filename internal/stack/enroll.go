package stack

import (
	"context"
	"net/url"

	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/identity"
)

// hydraClient has another name when it is embedded, since it has a method Client.
type hydraClient = hydra.Client

// enrolling is the one place where sign-ins are accepted, by Kratos and by the pages. Where everybody has to
// have a second factor, one without leads to the page where it is set up instead of to the application.
type enrolling struct {
	*hydraClient
	on   bool
	page string
}

// AcceptLogin implements kratos.Logins and ui.OAuth2.
func (e enrolling) AcceptLogin(ctx context.Context, challenge string, grant identity.LoginGrant) (string, error) {
	if e.on && grant.ACR != "aal2" {
		return e.page + "?" + url.Values{"login_challenge": {challenge}}.Encode(), nil
	}
	return e.hydraClient.AcceptLogin(ctx, challenge, grant)
}
