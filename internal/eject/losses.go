package eject

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"example.com/identityd/internal/config"
)

// Loss is something that identityd does for this configuration and a Hydra and a Kratos of their own do not.
type Loss struct {
	// Word is that of stack.yaml, or a name for what has none.
	Word string `json:"word"`
	What string `json:"what"`
	// Instead is what to do about it; empty where nothing can be done with settings.
	Instead string `json:"instead,omitempty"`
}

// lost is a row of the table: when a configuration loses something.
type lost struct {
	Loss
	when func(config.Config) bool
}

func always(config.Config) bool { return true }

// table is what there is to lose, by the word that it belongs to.
func table() []lost {
	return []lost{
		{Loss{"offboarding", "a person who is deactivated or deleted, or whose password was changed, keeps consents, tokens and claims: Kratos tells Hydra nothing.", "call Hydra's admin API yourself after each (DELETE /admin/oauth2/auth/sessions/consent and login)."}, always},
		{Loss{"invitations", "links that invite people lead nowhere.", ""}, func(c config.Config) bool { return c.Registration.Mode == config.RegistrationInvite }},
		{Loss{"throttle", "nothing counts failed attempts: passwords and codes can be guessed as fast as they are hashed.", "limits by address in the proxy in front."}, func(c config.Config) bool { return c.Throttle.Enabled }},
		{Loss{"audit", "there is no trail; the one there is stays in identityd_audit and can be read by identityd alone.", "identityd audit export before leaving, and the engines' logs."}, always},
		{Loss{"claims", "claims are what the consent page of the new pages puts into tokens; Ory's reference pages know address and verified address alone.", "a consent page of your own."}, always},
		{Loss{"clients", "clients and people of the file stay in the databases as they are, and nothing keeps them so.", ""}, func(c config.Config) bool { return len(c.Clients)+len(c.Identities) > 0 }},
		{Loss{"clients rotate-secret --grace", "of two secrets that are both honored for a while the one that the database has as its own is left.", "end graces before leaving, or set secrets anew."}, always},
		{Loss{"hooks", "hooks are not called, and what waits in the outbox is never sent.", "web hooks of Kratos, for its own flows."}, func(c config.Config) bool { return len(c.Hooks) > 0 }},
		{Loss{"protect", "forward-auth answers nothing: what a proxy protected by it is closed, or open, as that proxy takes a failure.", "Ory Oathkeeper, or another."}, written("protect")},
		{Loss{"tracing", "traces are not joined to a sign-in, and nothing is sent because it failed.", "tracing.provider: otel in both files, where the collector is written already; what the engines put into attributes holds addresses and what was typed."}, func(c config.Config) bool { return c.Tracing.Endpoint != "" }},
		{Loss{"logout", "the end of a session of Kratos' ends nothing at Hydra, and a logout that an application did not take by back channel is not told again.", ""}, always},
		{Loss{"single use", "of two requests with one code or one refresh token at the same instant both can win.", "a newer Hydra."}, always},
		{Loss{"identity.verification", "whoever signs in by a provider or a code is let in without a verified address: Kratos' hook looks at passwords alone.", "rules in the applications, by email_verified."}, func(c config.Config) bool { return c.Identity.Verification == config.VerificationRequired }},
		{Loss{"login.first.password.breach_check", "the list of known passwords in the program is not asked, nor the rules about names and look-alikes.", "haveibeenpwned_enabled, which is set where identityd asked the service."}, func(c config.Config) bool { return c.Login.First.Password.BreachCheck != config.BreachOff }},
		{Loss{"login.second.required", "nobody is made to set up a second factor; who has one is still asked for it.", ""}, func(c config.Config) bool { return c.Login.Second.Required == config.SecondAlways }},
		{Loss{"login.first.passkey", "passkeys and security keys stay good as long as the pages stay under the same domain; the look of their buttons is the new pages'.", "keep the domain."}, func(c config.Config) bool { return c.Login.First.Passkey.Enabled || c.Login.Second.SecurityKey.Enabled }},
		{Loss{"authorization responses", "they name no issuer (RFC 9207), and discovery no longer says that they do.", "applications that keep the discovery document, and refuse a response without iss, read it anew: start them again."}, always},
		{Loss{"ui", "identityd's pages in seven languages, the account pages, logos and colors; the new ones are Ory's reference application.", ""}, always},
		{Loss{"account", "people can neither take their data along nor delete their accounts by themselves.", "Kratos' admin API."}, always},
		{Loss{"consent", "which applications a person let in, and for how long that is remembered, is decided by the new consent page.", ""}, always},
		{Loss{"mail", "mails of Kratos' look as they did (their templates are in mails/); the one to whoever signs up with an address that has an account is identityd's, and nobody gets it.", ""}, func(c config.Config) bool { return c.SendsMail() }},
		{Loss{"janitor", "rows that nobody needs stay for ever.", "hydra janitor and kratos cleanup sql, by a timer."}, always},
		{Loss{"admin", "admin APIs have no tokens, no certificates and no guard against browsers.", "a proxy that asks, or a network that nobody else reaches."}, always},
		{Loss{"outbound", "what Hydra calls is not judged, and neither is a name that changes its address between two look-ups.", "rules of the network."}, always},
		{Loss{"cors", "origins of the clients of the file are written out; those of clients made later have to be added to both files.", ""}, func(c config.Config) bool { return len(c.CORSOrigins()) > 0 }},
		{Loss{"secrets", "secrets cannot be rotated by command, and nothing says when an old one may go.", ""}, always},
		{Loss{"session.remember", "whether a browser is asked to remember a session is one setting for all.", ""}, func(c config.Config) bool { return c.Session.Remember == config.RememberOffered }},
		{Loss{"proxy", "the engines believe what stands in X-Forwarded-For as they do by default.", ""}, written("proxy")},
		{Loss{"limits", "connections and requests are not bounded.", "the proxy in front."}, always},
		{Loss{"tls", "certificates are read when the engines start; the pages have none.", "a proxy in front of the pages."}, written("tls")},
		{Loss{"database.regions", "tables stay where they are placed, and nothing places new ones.", ""}, written("database.regions")},
		{Loss{"SQLite", "two processes that write at once are told that the database is locked.", "PostgreSQL: identityd database copy before leaving."}, func(c config.Config) bool { return strings.HasPrefix(c.Database.URL.Reveal(), "sqlite") }},
		{Loss{"commands", "doctor, why, incident, backup, reload, identity and client of identityd.", "Ory's own command lines, and the server's backups."}, always},
	}
}

// written reports whether the file, or the environment, says anything below a word.
func written(word string) func(config.Config) bool {
	return func(c config.Config) bool {
		for path, from := range c.Origins {
			if from != "default" && (path == word || strings.HasPrefix(path, word+".") || strings.HasPrefix(path, word+"[")) {
				return true
			}
		}
		return false
	}
}

// carried are the words that the files say in the words of the engines, or that are about the process alone.
func carried() []string {
	return []string{
		"profile", "origin", "region", "data_dir", "listen", "urls", "database", "identity", "registration", "login", "session", "tokens", "return_to", "logging",
		"shutdown", "hydra", "kratos", "declared",
	}
}

// losses are those of a configuration. A word that is written and that no table knows belongs to identityd alone.
func losses(c config.Config) []Loss {
	known := carried()
	out := []Loss{}
	for _, row := range table() {
		known = append(known, row.Word)
		if row.when(c) {
			out = append(out, row.Loss)
		}
	}
	named := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(c.Origins)) {
		section, _, _ := strings.Cut(path, ".")
		section, _, _ = strings.Cut(section, "[")
		if c.Origins[path] == "default" || named[section] || slices.Contains(known, section) || slices.Contains(known, path) {
			continue
		}
		if slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, section+".") }) {
			continue
		}
		named[section] = true
		out = append(out, Loss{Word: section, What: "neither engine has a word for it."})
	}
	slices.SortStableFunc(out, func(a, b Loss) int { return cmp.Compare(a.Word, b.Word) })
	return out
}
