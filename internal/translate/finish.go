package translate

import (
	"net"
	"net/url"
	"strings"
)

// finish settles what no single key says.
func (d *draft) finish() {
	d.database()
	d.secrets()
	d.mail()
	d.schemas()
	if len(d.values[kratos]) > 0 {
		d.asKratosHadIt()
	}
	if len(d.values[hydra]) > 0 {
		d.asHydraHadIt()
	}
	d.required()
	d.keysNeedAName()
	if _, set := d.words["outbound.allow"]; set && d.words["outbound.private"] == "allow" {
		delete(d.words, "outbound.allow")
	}
	if _, set := d.words["outbound.allow"]; set && d.profile == "development" && d.words["outbound.private"] == nil {
		delete(d.words, "outbound.allow") // allowed there in any case
	}
	if !d.verifies() {
		d.set("identity.verification", "optional")
	} else {
		d.set("identity.verification", "required")
	}
	d.outlook()
}

// asKratosHadIt writes what Kratos does where its file says nothing and identityd would do otherwise.
func (d *draft) asKratosHadIt() {
	var said []string
	for _, one := range []struct {
		path, word string
		value      any
		text       string
	}{
		{"session.lifespan", "session.lifespan", "24h", "24 hours"},
		{"selfservice.flows.settings.privileged_session_max_age", "session.privileged", "1h", "an hour"},
		{"selfservice.methods.passkey.enabled", "login.first.passkey.enabled", false, "no passkeys"},
		{"selfservice.methods.totp.enabled", "login.second.totp.enabled", false, "no authenticator apps"},
		{"selfservice.methods.webauthn.enabled", "login.second.security_key.enabled", false, "no security keys"},
		{"selfservice.methods.lookup_secret.enabled", "login.second.recovery_codes.enabled", false, "no recovery codes"},
		{"selfservice.flows.registration.enable_legacy_one_step", "registration.steps", "two", "two pages to sign up"},
	} {
		if _, set := d.words[one.word]; set || d.get(kratos, one.path) != nil {
			continue
		}
		d.set(one.word, one.value)
		said = append(said, one.word+" ("+one.text+")")
	}
	if len(said) > 0 {
		d.note(kratos, "its own defaults are written out where its settings say nothing and identityd's differ; remove each to have identityd's: %s",
			strings.Join(said, ", "))
	}
	if text(d.get(kratos, "selfservice.methods.password.config.min_password_length")) == "" {
		d.note("login.first.password.min_length", "new passwords have at least 12 characters, where Kratos asked for 8; those that exist stay good")
	}
}

func (d *draft) asHydraHadIt() {
	if d.get(hydra, "oauth2.pkce.enforced_for_public_clients") == nil && d.get(hydra, "oauth2.pkce.enforced") == nil {
		d.note("hydra.oauth2.pkce.enforced_for_public_clients", "public clients have to send PKCE, which Hydra does not ask for by itself. "+
			"Where one of yours cannot, write false here until it can")
	}
	switch text(d.get(hydra, "strategies.jwt.scope_claim")) {
	case "":
		// A client may have JWTs of its own where the file says opaque.
		d.block(hydra, "strategies.jwt.scope_claim", "list")
		d.note("hydra.strategies.jwt.scope_claim", "list, Hydra's own default, is written out: access tokens that are JWTs stay as your services know them. "+
			"Remove it to have those of RFC 9068 (typ: at+jwt, scope, an audience), when all of them take such")
	case "both", "string":
		d.note("hydra.strategies.jwt.scope_claim", "access tokens that are JWTs are those of RFC 9068 with it: typ is at+jwt, and there is an audience always. "+
			"Where a service of yours takes typ: JWT alone, write list here until it takes both")
	}
}

// keysNeedAName switches passkeys and security keys off where browsers have none.
func (d *draft) keysNeedAName() {
	u, err := url.Parse(firstOf(d.origin, d.ui))
	if err != nil || u.Hostname() == "" {
		return
	}
	if net.ParseIP(u.Hostname()) == nil && (u.Scheme == "https" || u.Hostname() == "localhost" || strings.HasSuffix(u.Hostname(), ".localhost")) {
		return
	}
	for _, word := range []string{"login.first.passkey.enabled", "login.second.security_key.enabled"} {
		if truth(d.words[word]) {
			d.set(word, false)
			d.note(word, "is off, because browsers have no passkeys and security keys for pages at %s: they need a host name, and https", u.Host)
		}
	}
}

// verifies reports whether an address had to be verified before a sign-in.
func (d *draft) verifies() bool {
	for path, e := range d.values[kratos] {
		if !strings.HasPrefix(path, "selfservice.flows.login.after") || !strings.HasSuffix(path, "hooks") {
			continue
		}
		list, _ := e.value.([]any)
		for _, one := range list {
			if m, _ := one.(map[string]any); text(m["hook"]) == "require_verified_address" {
				return true
			}
		}
	}
	return false
}

// outlook says what people will notice.
func (d *draft) outlook() {
	for _, engine := range []string{hydra, kratos} {
		if len(d.values[engine]) == 0 {
			d.note(engine, "there were no settings of it: identityd's defaults apply")
		}
	}
	name := d.get(kratos, "session.cookie.name")
	if d.origin != "" && strings.HasPrefix(d.origin, "https://") && name == nil && len(d.values[kratos]) > 0 {
		d.note("kratos.session.cookie.name", "the session's cookie is called __Host-ory_kratos_session under one address: everybody signs in once more. "+
			"To avoid that, if Kratos was at the same host, write ory_kratos_session here")
	}
}
