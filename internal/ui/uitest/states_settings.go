package uitest

import "example.com/identityd/internal/identity"

// pixel is a picture of a QR code, as small as one can be.
const pixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="

func settings() []identity.Node {
	return append(append(traits("profile", "anna@example.com", "Anna Larsen"), submit("profile", "profile", 1070003, "Save")),
		password("new-password"), submit("password", "password", 1070003, "Save"),
		named("github", "GitHub", input("oidc", "link", "submit", "github", 1050002, "Link GitHub")),
		named("google", "Google", input("oidc", "unlink", "submit", "google", 1050003, "Unlink Google")),
	)
}

func totpOff() []identity.Node {
	image := identity.Node{
		Type: "img", Group: "totp",
		Meta:       identity.Meta{Label: &identity.Message{ID: 1050005, Text: "Authenticator app QR code"}},
		Attributes: identity.Attributes{NodeType: "img", ID: "totp_qr", Source: pixel, Width: 256, Height: 256},
	}
	return []identity.Node{
		image,
		text("totp", "totp_secret_key", message(1050017, "info", "This is your authenticator app secret."), message(1050006, "info", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")),
		need(input("totp", "totp_code", "text", "", 1070006, "Verify code")),
		submit("totp", "totp", 1070003, "Save"),
	}
}

func lookupCodes(group string, codes ...string) identity.Node {
	content := message(1050015, "info", "")
	var secrets []any
	for i, code := range codes {
		one := map[string]any{"id": 1050009, "text": code}
		if i == 1 {
			one = map[string]any{"id": 1050014, "text": "Secret was used at 2026-03-14", "context": map[string]any{"used_at": "2026-03-14T09:00:00Z"}}
		}
		secrets = append(secrets, one)
	}
	content.Context = map[string]any{"secrets": secrets}
	return text(group, "lookup_secret_codes", message(1050010, "info", "These are your back up recovery codes. Please keep them in a safe place!"), content)
}

func settingsStates() []State {
	const route, target = "GET /settings", "/settings?flow=f"
	off := append(settings(), input("lookup_secret", "lookup_secret_regenerate", "submit", "true", 1050008, "Generate new backup recovery codes"))
	off = append(off, totpOff()...)
	on := append(settings(),
		input("lookup_secret", "lookup_secret_reveal", "submit", "true", 1050007, "Reveal backup recovery codes"),
		input("lookup_secret", "lookup_secret_disable", "submit", "true", 1050016, "Disable this method"),
		input("totp", "totp_unlink", "submit", "true", 1050004, "Unlink TOTP Authenticator App"),
	)
	codes := lookupCodes("lookup_secret", "k3m9x2pq", "h7t4w8rn", "b5d2v6zj", "f8n3c7ks", "q4g9y5tm", "x6r2j8wd", "m7p3h5vb", "z9k4n2fc", "t5w8d6xg", "c3v7q9hr", "j2b6m4yp", "n8f5k3zt")
	shown := append(settings(), codes,
		input("lookup_secret", "lookup_secret_confirm", "submit", "true", 1050011, "Confirm backup recovery codes"),
		input("lookup_secret", "lookup_secret_regenerate", "submit", "true", 1050008, "Generate new backup recovery codes"))
	faulty := settings()
	faulty[3] = wrong(faulty[3], 4000034, "The password has been found in data breaches and must no longer be used.")
	return []State{
		{Name: "settings", Route: route, Target: target, World: of(flow(off...))},
		{Name: "settings-on", Route: route, Target: target, World: of(saying(flow(on...), message(1050001, "success", "Your changes have been saved!")))},
		{Name: "settings-codes", Route: route, Target: target, World: of(flow(shown...))},
		{Name: "settings-wrong", Route: route, Target: target, World: of(flow(faulty...))},
		{Name: "settings-recovered", Route: route, Target: target, World: of(saying(flow(settings()...), message(1060001, "success", "You successfully recovered your account.")))},
	}
}
