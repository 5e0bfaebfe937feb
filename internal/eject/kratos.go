package eject

import (
	"fmt"
	"slices"
	"strings"

	"example.com/identityd/internal/config"
)

// ownHook is how identityd calls its hooks inside of Kratos (docs/ory-quirks.md#q53).
const ownHook = "b2b_sso"

func (d *draft) kratos() {
	const (
		flows = "selfservice.flows."
		pace  = "identityd makes every refusal take the same time by itself; Kratos sleeps about as long as a hash takes"
	)
	d.engine[kratos]["version"] = "v1.3.1"
	d.set(kratos, "dsn", plainDSN(d.text(kratos, "dsn")), "without what only identityd's driver reads")
	d.listen(kratos, "public", d.at.kratosPublic, "kratos_public")
	d.listen(kratos, "admin", d.at.kratosAdmin, "kratos_admin")
	if !d.at.kratosAdmin.socket() {
		d.set(kratos, "serve.admin.base_url", d.at.kratosAdmin.url(), apart)
	}
	d.hydraForKratos()
	d.drop(kratos, "hashers.argon2.expected_duration", pace)
	d.drop(kratos, "hashers.argon2.expected_deviation", pace)
	pages := []string{"login", "registration", "settings", "recovery", "verification", "error"}
	for _, one := range pages {
		d.set(kratos, flows+one+".ui_url", d.at.pagesAt+"/"+one, ownPages)
	}
	d.set(kratos, "selfservice.default_browser_return_url", d.at.pagesAt+"/welcome", ownPages)
	d.set(kratos, flows+"logout.after.default_browser_return_url", d.at.pagesAt+"/login", ownPages)
	if d.in.Config.Login.First.Password.BreachCheck == config.BreachOnline {
		d.set(kratos, "selfservice.methods.password.config.haveibeenpwned_enabled", true, "identityd asks the service itself")
		if host := d.in.Config.Login.First.Password.BreachHost; host != "api.pwnedpasswords.com" {
			d.set(kratos, "selfservice.methods.password.config.haveibeenpwned_host", host, "identityd asks the service itself")
		}
	}
	for key, value := range d.engine[kratos] {
		if strings.HasSuffix(key, ".hooks") {
			d.hooks(key, value)
		}
	}
	if d.in.Config.Inbox() {
		d.set(kratos, "courier.smtp.connection_uri", "smtp://127.0.0.1:1025/?disable_starttls=true", "the inbox is a container of its own")
	}
}

// hydraForKratos tells Kratos where Hydra is, and lets it call there: identityd's guard of calls to private
// addresses knows that Hydra is inside of the process.
func (d *draft) hydraForKratos() {
	at := d.at.hydraAdmin.url()
	d.set(kratos, "oauth2_provider.url", at, apart)
	if on, _ := d.engine[kratos]["clients.http.disallow_private_ip_ranges"].(bool); !on {
		return
	}
	globs, _ := d.engine[kratos]["clients.http.private_ip_exception_urls"].([]string)
	d.set(kratos, "clients.http.private_ip_exception_urls", append(slices.Clone(globs), at+"/**"), apart)
}

// hooks puts Kratos' own hooks in the place of identityd's, which a plain Kratos does not have.
func (d *draft) hooks(key string, value any) {
	list, ok := value.([]any)
	if !ok {
		return
	}
	const why = "Kratos' own hook for what identityd's does"
	var out []any
	ours := false
	for _, one := range list {
		m, _ := one.(map[string]any)
		if m["hook"] != ownHook {
			out = append(out, one)
			continue
		}
		ours = true
		c, _ := m["config"].(map[string]any)
		switch does := fmt.Sprint(c["does"]); {
		case does == "signed_up":
			out = append(out, map[string]any{"hook": "show_verification_ui"})
		case does == "signed_in" && strings.HasSuffix(key, "login.after.password.hooks"):
			// Upstream's looks at passwords alone (docs/ory-quirks.md#q54).
			out = append(out, map[string]any{"hook": "require_verified_address"})
		}
	}
	switch {
	case !ours:
	case len(out) == 0:
		d.drop(kratos, key, "a hook of identityd's, which Kratos does not have")
	default:
		d.set(kratos, key, out, why)
	}
}
