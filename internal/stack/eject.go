package stack

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/eject"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/store"
)

// Eject makes the files with which a plain Hydra and a plain Kratos go on from here. It opens no database and
// makes nothing; secret makes what the new pages need.
func Eject(cfg config.Config, secret func() (string, error)) (eject.Result, error) {
	u, err := urls(cfg, unbound(cfg.Listen))
	if err != nil {
		return eject.Result{}, fmt.Errorf("finding the addresses: %w", err)
	}
	k, err := secretsInForce(cfg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return eject.Result{}, fmt.Errorf("%s has no secrets: identityd has not been started with this configuration, so that there is nothing to leave; name its file with --config", SecretsPath(cfg))
	case err != nil:
		return eject.Result{}, err
	}
	hydraDSN, kratosDSN, err := store.Resolve(storeSettings(cfg.Database, cfg.Region))
	if err != nil {
		return eject.Result{}, err
	}
	loaded, err := loadSchemas(cfg)
	if err != nil {
		return eject.Result{}, err
	}
	mapper, err := compileClaims(cfg.Claims, slog.New(slog.DiscardHandler))
	if err != nil {
		return eject.Result{}, err
	}
	texts, err := offer(cfg.UI)
	if err != nil {
		return eject.Result{}, err
	}
	hc := hydraConfig(cfg, u, k, hydraDSN, mapper)
	kc := kratosConfig(cfg, u, k, kratosDSN, loaded, inboxPlaceholder(cfg))
	if _, err := writeMails(cfg, texts, u, &kc); err != nil {
		return eject.Result{}, err
	}
	result, err := eject.Run(eject.Input{
		Config: cfg, Hydra: hydra.Settings(hc), Kratos: kratos.Settings(kc), Secret: secret, UID: os.Getuid(), GID: os.Getgid(),
	})
	if err != nil {
		return eject.Result{}, fmt.Errorf("making the files: %w", err)
	}
	return result, nil
}

// unbound are the listeners as they are written.
func unbound(l config.Listen) []*listener {
	var on []*listener
	for _, one := range listeners(l) {
		if one.address.Off() || one.name == "ui" && l.GatewayServesUI() {
			continue
		}
		on = append(on, one)
	}
	return on
}
