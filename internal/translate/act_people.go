package translate

import (
	"net/url"
	"strconv"
	"strings"
)

func cipher(_ *draft, e entry) verdict {
	switch text(e.value) {
	case "xchacha20-poly1305":
		return dropped("identityd does so in any case")
	case "noop":
		return dropped("leaves the tokens of providers in plain text; new ones are sealed (docs/ory-quirks.md#q162)")
	}
	return dropped("identityd seals with xchacha20-poly1305; the tokens of providers that are stored are replaced at the next sign-in (docs/ory-quirks.md#q162)")
}

// returnTo: Kratos lets through what begins with an entry. Ours ends at a slash.
func returnTo(d *draft, e entry) verdict {
	var out, gone []string
	wider := false
	for _, raw := range texts(e.value) {
		u, err := url.Parse(raw)
		switch {
		case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "",
			u.Scheme == "http" && d.profile == "production" && !onThisMachine(u.Hostname()):
			gone = append(gone, raw)
			continue
		case sameOrigin(raw, d.ui) && strings.Trim(u.Path, "/") == "":
			continue // ours
		}
		at := u.Path
		if i := strings.LastIndexByte(at, '/'); i >= 0 && i < len(at)-1 {
			at, wider = at[:i+1], true
		}
		one := u.Scheme + "://" + u.Host + at
		if indexOf(out, one) < 0 {
			out = append(out, one)
		}
	}
	why := ""
	if len(gone) > 0 {
		why = "without " + strings.Join(gone, ", ") + ": addresses of the web alone, and https:// in production"
		d.note("return_to", "%s cannot be returned to: a flow of an app ends inside the app, by the API", strings.Join(gone, ", "))
	}
	if wider {
		why = strings.TrimPrefix(why+"; a path ends at a slash here, so the folder is allowed", "; ")
	}
	if len(out) == 0 {
		if why == "" {
			why = "the pages themselves are always allowed"
		}
		return dropped("%s", why)
	}
	d.set("return_to", out)
	return translated(why, "return_to")
}

func registrationMode(d *draft, e entry) verdict {
	mode := "open"
	if !truth(e.value) {
		mode = "closed"
	}
	d.set("registration.mode", mode)
	return translated("", "registration.mode")
}

func registrationStyle(d *draft, e entry) verdict {
	steps := map[string]string{"unified": "one", "profile_first": "two"}[text(e.value)]
	if steps == "" {
		return dropped("is no style that identityd knows; write registration.steps")
	}
	d.set("registration.steps", steps)
	return translated("", "registration.steps")
}

func registrationSteps(d *draft, e entry) verdict {
	if _, set := d.words["registration.steps"]; set {
		return dropped("registration.style says it")
	}
	steps := "two"
	if truth(e.value) {
		steps = "one"
	}
	d.set("registration.steps", steps)
	return translated("", "registration.steps")
}

// mailFlow: recovery and verification are on wherever mail can be sent.
func mailFlow(d *draft, e entry) verdict {
	if truth(e.value) {
		return dropped("identityd does so wherever it can send mail")
	}
	return d.keep(e, "")
}

// landing is where a flow ends.
func landing(d *draft, e entry) verdict {
	raw := text(e.value)
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Hostname() == "":
		return dropped("is no address of the web")
	case sameOrigin(raw, d.ui), sameOrigin(raw, d.self), sameOrigin(raw, d.issuer):
		return dropped("was a page of the old application; identityd's own come there")
	case u.Scheme != "https" && d.profile == "production" && !onThisMachine(u.Hostname()):
		return dropped("is plain http, which production does not lead people to")
	}
	return d.keep(e, "")
}

// hooks: what identityd needs to happen is added to what is kept here (docs/ory-quirks.md#q163).
func hooks(d *draft, e entry) verdict {
	var kept []any
	var gone []string
	list, _ := e.value.([]any)
	for _, one := range list {
		m, _ := one.(map[string]any)
		switch name := text(m["hook"]); name {
		case "session", "show_verification_ui", "require_verified_address", "revoke_active_sessions":
			gone = append(gone, name)
		default:
			kept = append(kept, one)
		}
	}
	if len(kept) == 0 {
		if strings.Contains(strings.Join(gone, " "), "require_verified_address") {
			return translated("", "identity.verification")
		}
		return dropped("identityd itself decides about sessions and verification: identity.verification")
	}
	e.value = kept
	why := "identityd's own hooks run with them"
	if len(gone) > 0 {
		why = "without " + strings.Join(gone, " and ") + ", which identityd decides itself; " + why
	}
	return d.keep(e, why)
}

func passwordLength(d *draft, e entry) verdict {
	n, err := strconv.Atoi(text(e.value))
	if err != nil {
		return dropped("is no number")
	}
	const least = 12
	if n < least {
		return dropped("a password that is enough to sign in has at least %d characters here: login.first.password.min_length. "+
			"Those that exist stay good", least)
	}
	d.set("login.first.password.min_length", n)
	return translated("", "login.first.password.min_length")
}

func breach(d *draft, e entry) verdict {
	if truth(e.value) {
		d.set("login.first.password.breach_check", "online")
		return translated("a list in the program, and the service", "login.first.password.breach_check")
	}
	d.set("login.first.password.breach_check", "offline")
	return translated("by the list in the program: nobody is asked", "login.first.password.breach_check")
}

func passwordless(d *draft, e entry) verdict {
	if !truth(e.value) {
		return dropped("security keys are a second factor in any case")
	}
	d.set("login.first.passkey.enabled", true)
	d.note("login.first.passkey", "security keys were a first factor (webauthn, passwordless). Here that is what passkeys are for: "+
		"whoever has such a key alone recovers the account by mail once, and adds a passkey")
	return translated("passkeys are the first factor, security keys the second one", "login.first.passkey.enabled")
}

// relyingParty: keys are bound to a domain for ever, so it is kept where the pages are still under it.
func relyingParty(d *draft, e entry) verdict {
	if strings.HasSuffix(e.path, ".origins") {
		return dropped("is the address of the pages")
	}
	if !strings.HasSuffix(e.path, ".id") {
		return d.keep(e, "")
	}
	pages := d.ui
	if d.origin != "" {
		pages = d.origin
	}
	u, err := url.Parse(pages)
	id := text(e.value)
	if err == nil && (u.Hostname() == id || strings.HasSuffix(u.Hostname(), "."+id)) {
		return d.keep(e, "")
	}
	d.note("login.first.passkey", "passkeys and security keys were made for %s and cannot be used at %s: people have to add new ones. "+
		"To keep them, serve the pages under %s", id, pages, id)
	return dropped("the pages are at %s, which is not under it", pages)
}

func secondCode(d *draft, e entry) verdict {
	if !truth(e.value) {
		return dropped("identityd does so in any case")
	}
	if d.on(kratos, "selfservice.methods.code.passwordless_enabled") || d.get(kratos, "selfservice.flows.recovery.enabled") != false {
		d.note("login.second", "a code by mail was a second factor, beside another way in by the same mailbox, which would count twice: use an authenticator app")
		return dropped("is refused beside recovery or sign-in by mail: one mailbox would be two factors")
	}
	return d.keep(e, "")
}

// required settles what several keys say of second factors.
func (d *draft) required() {
	any := false
	for _, m := range []string{"totp", "webauthn", "lookup_secret"} {
		any = any || d.on(kratos, "selfservice.methods."+m+".enabled")
	}
	if len(d.values[kratos]) == 0 {
		return
	}
	if !any {
		d.set("login.second.required", "never")
		return
	}
	d.set("login.second.required", "offered")
	for _, path := range []string{"session.whoami.required_aal", "selfservice.flows.settings.required_aal"} {
		if d.str(kratos, path) == "aal1" {
			d.note("login.second.required", "whoever set up a second factor is asked for it now; %s: aal1 did not", path)
		}
	}
}

func sameOrigin(a, b string) bool {
	x, errA := url.Parse(a)
	y, errB := url.Parse(b)
	return errA == nil && errB == nil && b != "" && x.Scheme == y.Scheme && strings.EqualFold(x.Host, y.Host)
}
