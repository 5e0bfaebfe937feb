package stack

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/secrets"
	"example.com/identityd/internal/store"
)

// checkModes refuses, in production, databases and generated secrets that everybody on the machine can read;
// in development it warns. identityd makes them for its owner alone, but a restored or copied file has the
// mode that the tool gave it.
func (s *Stack) checkModes(ctx context.Context) error {
	files := []string{filepath.Join(s.cfg.DataDir, secrets.FileName)}
	if hydra, kratos, err := store.Resolve(storeSettings(s.cfg.Database, s.cfg.Region)); err == nil {
		for _, dsn := range []store.DSN{hydra, kratos} {
			if dsn.Dialect() == store.SQLite && !dsn.Memory() {
				// The log of writes holds what the database will.
				files = append(files, dsn.File(), dsn.File()+"-wal")
			}
		}
	}
	var open []string
	for _, f := range files {
		if config.Exposed(f) {
			open = append(open, f)
		}
	}
	if len(open) == 0 {
		return nil
	}
	const cure = "run chmod 600 on them, and chmod 700 on their folder"
	if s.cfg.Profile == config.Production {
		return fmt.Errorf("everybody on this machine can read or write %s; %s", strings.Join(open, ", "), cure)
	}
	s.log.WarnContext(ctx, "everybody on this machine can read or write files that hold secrets", "paths", open, "cure", cure)
	return nil
}
