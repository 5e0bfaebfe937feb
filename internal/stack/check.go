package stack

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/store"
)

// Check asks the engines' own schemas what they think of the configuration, the hydra: and kratos:
// blocks above all. It binds, opens and makes nothing. What is wrong comes back as *config.Problems.
func Check(ctx context.Context, cfg config.Config) error {
	hc, kc, err := checkedSettings(cfg)
	if err != nil {
		return err
	}
	// The engines keep a goroutine per set of settings until this ends.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := &config.Problems{Source: cfg.Source}
	for _, err := range []error{hydra.CheckSettings(ctx, hc), kratos.CheckSettings(ctx, kc)} {
		var refused *ory.SettingsError
		switch {
		case err == nil:
		case errors.As(err, &refused):
			for _, line := range refused.Problems {
				path, message, _ := strings.Cut(line, ": ")
				out.List = append(out.List, config.Problem{Path: path, Message: message})
			}
		default:
			out.List = append(out.List, config.Problem{Message: err.Error()})
		}
	}
	err = checkDeclared(cfg)
	var more *config.Problems
	if errors.As(err, &more) {
		out.List = append(out.List, more.List...)
	} else if err != nil {
		out.List = append(out.List, config.Problem{Message: err.Error()})
	}
	if len(out.List) > 0 {
		return out
	}
	return nil
}

// checkedSettings are those of both engines as far as they can be known before anything is bound or made.
func checkedSettings(cfg config.Config) (hc hydra.Config, kc kratos.Config, err error) {
	hydraDSN, kratosDSN, err := store.Resolve(storeSettings(cfg.Database, cfg.Region))
	if err != nil {
		return hydra.Config{}, kratos.Config{}, err
	}
	loaded, err := loadSchemas(cfg)
	if err != nil {
		return hydra.Config{}, kratos.Config{}, err
	}
	u := unservedURLs(cfg)
	k := keys{
		system: orPlaceholder(reveal(cfg.Secrets.System)),
		cookie: orPlaceholder(reveal(cfg.Secrets.Cookie)),
		cipher: orPlaceholder(reveal(cfg.Secrets.Cipher)),
	}
	mapper, err := compileClaims(cfg.Claims, slog.New(slog.DiscardHandler))
	if err != nil {
		return hydra.Config{}, kratos.Config{}, err
	}
	hc = hydraConfig(cfg, u, k, hydraDSN, mapper)
	kc = kratosConfig(cfg, u, k, kratosDSN, loaded, inboxPlaceholder(cfg))
	attach(&hc, &kc, slog.New(slog.DiscardHandler), ory.NewTracing(ory.Watch{}))
	return hc, kc, nil
}

// EngineSettings returns what the engines are given for a configuration, in their words. Secrets are among them.
func EngineSettings(cfg config.Config) (hydraSettings, kratosSettings map[string]any, err error) {
	hc, kc, err := checkedSettings(cfg)
	if err != nil {
		return nil, nil, err
	}
	return hydra.Settings(hc), kratos.Settings(kc), nil
}

// inboxPlaceholder stands in for the address of the inbox, which gets one when it starts.
func inboxPlaceholder(cfg config.Config) string {
	if cfg.Inbox() {
		return "smtp://127.0.0.1:1025/?disable_starttls=true"
	}
	return ""
}

// orPlaceholder stands in for secrets that development makes at its first start.
func orPlaceholder(have []string) []string {
	if len(have) > 0 {
		return have
	}
	return []string{strings.Repeat("0", 32)}
}
