package cli

import (
	"fmt"
	"io"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/demo"
	"example.com/identityd/internal/stack"
)

// banner tells a newcomer what to open. It is for the development profile only: production tells its
// addresses to the log.
func banner(w io.Writer, cfg config.Config, u stack.URLs, newData bool) {
	line := func(name, value, note string) {
		if value != "" {
			fmt.Fprintf(w, "  %-13s %-32s %s\n", name, value, note)
		}
	}
	fmt.Fprintf(w, "\nidentityd %s is ready (development profile)\n\n", version)
	line("open", u.UI, "sign up, sign in")
	line("issuer", u.Hydra, "OAuth2 and OpenID Connect")
	line("kratos", u.Kratos, "self-service API")
	line("hydra admin", u.HydraAdmin, "this machine only")
	line("kratos admin", u.KratosAdmin, "this machine only")
	line("ops", u.Ops, "/health/ready /metrics /version")
	if cfg.Database.Dialect() == config.SQLite && !cfg.Database.URL.Memory() {
		note := ""
		if newData {
			note = "made just now; delete it to start over"
		}
		line("data", cfg.DataDir, note)
	}
	if cfg.Inbox() {
		line("inbox", u.UI+"/account/inbox", "mail is caught here, not sent")
	}
	if u.HydraAdmin != "" {
		line("try", tryDemo(u), "an application, in another terminal")
	}
	fmt.Fprint(w, "\nCtrl-C stops it.\n\n")
}

// tryDemo is the command that fits the addresses.
func tryDemo(u stack.URLs) string {
	command := "identityd demo"
	if u.Hydra != demo.DefaultIssuer {
		command += " --issuer " + u.Hydra
	}
	if u.HydraAdmin != demo.DefaultAdminURL {
		command += " --hydra-admin " + u.HydraAdmin
	}
	return command
}
