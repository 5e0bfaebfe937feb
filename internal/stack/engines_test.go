package stack

import (
	"log/slog"
	"testing"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/golden"
	"example.com/identityd/internal/store"
)

var update = golden.Flag()

// TestTranslation holds the first translation, from user words to adapter words. The second, to Ory's
// words, has its goldens in internal/hydra and internal/kratos.
func TestTranslation(t *testing.T) {
	secret := func(c byte) string {
		b := []byte("0123456789abcdefghijklmnopqrstuv")
		b[0] = c
		return string(b)
	}
	cases := map[string]map[string]string{
		"development.json": {},
		"production.json": {
			"profile": "production", "database.url": "cockroach://root@db:26257?sslmode=verify-full",
			"database.hydra.user": "hydra_user", "database.hydra.password": "h?/#", "database.pool.max_open": "7",
			"urls.ui": "https://ui.id.example.com", "urls.hydra": "https://hydra.id.example.com/", "urls.kratos": "https://kratos.id.example.com",
			"secrets.system": secret('A') + "," + secret('B'), "secrets.cookie": secret('C'), "secrets.cipher": secret('D'),
			"tokens.format": "jwt", "tokens.refresh_grace": "30s", "session.remember": "never",
			"identity.schema": "email", "mail.smtp_url": "smtps://mailer:p%40ss@mail.example.com", "mail.from": "no-reply@example.com",
			"cors.origins": "https://app.example.com", "registration.mode": "closed", "login.first.password.min_length": "16", "return_to": "https://shop.example.com/",
		},
	}
	for name, set := range cases {
		t.Run(name, func(t *testing.T) {
			cfg, err := config.Load(config.Options{Dir: "/srv", Set: set})
			if err != nil {
				t.Fatal(err)
			}
			h, k, err := store.Resolve(storeSettings(cfg.Database, cfg.Region))
			if err != nil {
				t.Fatal(err)
			}
			loaded, err := loadSchemas(cfg)
			if err != nil {
				t.Fatal(err)
			}
			for i := range loaded.list {
				loaded.list[i].Raw = nil // reviewed in configs/
			}
			u, err := urls(cfg, []*listener{})
			if cfg.URLs.UI == "" {
				u, err = URLs{UI: "http://localhost:3000", Hydra: "http://localhost:4444", Kratos: "http://localhost:4433"}, nil
			}
			if err != nil {
				t.Fatal(err)
			}
			m, err := compileClaims(cfg.Claims, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			smtp := ""
			if cfg.Inbox() {
				smtp = "smtp://127.0.0.1:2525/?disable_starttls=true"
			}
			in := keys{system: reveal(cfg.Secrets.System), cookie: reveal(cfg.Secrets.Cookie), cipher: reveal(cfg.Secrets.Cipher)}
			golden.JSON(t, *update, name, map[string]any{
				"hydra":  hydraConfig(cfg, u, in, h, m),
				"kratos": kratosConfig(cfg, u, in, k, loaded, smtp),
			})
		})
	}
}

// TestAnAllowedHostIsTakenByBothEngines: with outbound.allow and without a port, Kratos refused the settings.
func TestAnAllowedHostIsTakenByBothEngines(t *testing.T) {
	cfg, err := config.Load(config.Options{Dir: t.TempDir(), Set: map[string]string{
		"profile": "development", "outbound.private": "deny", "outbound.allow": "hooks.internal,10.1.2.3,idp.internal:8443",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(t.Context(), cfg); err != nil {
		t.Error(err)
	}
}
