package kratos

import (
	"encoding/base64"

	"example.com/identityd/internal/ory"
)

// methods sets how people prove who they are. Everything is said, also what is off: Kratos' own defaults
// differ from ours.
func methods(v ory.Values, c Config) {
	l := c.Login
	v["selfservice.flows.login.style"] = "unified"
	if l.IdentifierFirst {
		v["selfservice.flows.login.style"] = "identifier_first"
	}
	v["selfservice.methods.code.passwordless_enabled"] = c.Mail != nil && l.Code
	v["selfservice.methods.code.mfa_enabled"] = false
	v["selfservice.methods.profile.enabled"] = true

	v["selfservice.methods.totp.enabled"] = l.TOTP
	v["selfservice.methods.totp.config.issuer"] = l.Issuer
	v["selfservice.methods.lookup_secret.enabled"] = l.LookupCodes

	// Security keys are a second factor and passkeys a first one: two methods of Kratos over one API.
	v["selfservice.methods.webauthn.enabled"] = l.SecurityKey
	v["selfservice.methods.webauthn.config.passwordless"] = false
	v["selfservice.methods.passkey.enabled"] = l.Passkey
	for _, method := range []string{"webauthn", "passkey"} {
		if l.RelyingParty == "" {
			break
		}
		at := "selfservice.methods." + method + ".config.rp."
		v[at+"id"] = l.RelyingParty
		v[at+"display_name"] = l.Issuer
		v[at+"origins"] = l.Origins
	}

	// Whoever set up a second factor is asked for it: by whoami, and before anything is changed.
	aal := "aal1"
	if l.SecondFactor {
		aal = "highest_available"
	}
	v["session.whoami.required_aal"] = aal
	v["selfservice.flows.settings.required_aal"] = aal

	if len(l.Providers) > 0 {
		v["selfservice.methods.oidc.enabled"] = true
		v["selfservice.methods.oidc.config.providers"] = providers(l.Providers)
	}
}

// providers translates each into Kratos' words. Claims are at userinfo, by the book (docs/ory-quirks.md#q201). A key that another kind does not know is refused there,
// even when it is empty.
func providers(list []Provider) []any {
	out := make([]any, 0, len(list))
	for _, p := range list {
		one := map[string]any{
			"id": p.ID, "provider": p.Kind, "label": p.Label, "client_id": p.ClientID, "scope": p.Scopes,
			"mapper_url": "base64://" + base64.StdEncoding.EncodeToString([]byte(mapper(p))),
		}
		for key, value := range map[string]string{
			"client_secret": p.ClientSecret, "issuer_url": p.Issuer, "claims_source": p.ClaimsFrom, "microsoft_tenant": p.Tenant,
			"apple_team_id": p.TeamID, "apple_private_key_id": p.PrivateKeyID, "apple_private_key": p.Private,
		} {
			if value != "" {
				one[key] = value
			}
		}
		out = append(out, one)
	}
	return out
}

// afterwards sets what happens after a sign-up and a sign-in, for every method that there is.
func afterwards(v ory.Values, c Config) {
	after := []any{map[string]any{"hook": "session"}}
	gated := c.Mail != nil && c.VerifyAddress
	if gated {
		// No session before the address is proved: the page that asks for the code comes first, and takes
		// the OAuth2 login challenge along.
		after = []any{ourHook(hookSignedUp)}
	}
	// Whoever knew the old password may be signed in with it; the browser that changed it stays.
	v["selfservice.flows.settings.after.password.hooks"] = []any{map[string]any{"hook": "revoke_active_sessions"}}
	for _, flow := range []string{"login", "registration"} {
		v["selfservice.flows."+flow+".before.hooks"] = []any{ourHook(hookBegin)}
	}
	for _, method := range []string{"password", "code", "passkey", "oidc"} {
		// Receivers of the operator are asked before it turns out whether the address is known already, so that their
		// answer does not tell.
		v["selfservice.flows.registration.after."+method+".hooks"] = append([]any{ourHook(hookInvited), callsHook(method)}, after...)
		in := []any{callsHook(method)}
		if gated {
			in = []any{ourHook(hookSignedIn), callsHook(method)}
		}
		v["selfservice.flows.login.after."+method+".hooks"] = in
	}
	for _, method := range []string{"totp", "webauthn", "lookup_secret"} {
		v["selfservice.flows.login.after."+method+".hooks"] = []any{callsHook(method)}
	}
}
