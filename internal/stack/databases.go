package stack

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
	"example.com/identityd/internal/supervisor"
)

// databases are pools of our own beside those of the engines.
type databases struct {
	hydra, kratos *sql.DB
	dialect       store.Dialect
}

// openDatabases opens both, for work that needs few connections and none while it rests.
func openDatabases(cfg config.Config) (databases, error) {
	hydraDSN, kratosDSN, err := store.Resolve(storeSettings(cfg.Database, cfg.Region))
	if err != nil {
		return databases{}, err
	}
	out := databases{dialect: kratosDSN.Dialect()}
	if out.hydra, err = store.Open(hydraDSN, ""); err != nil {
		return databases{}, err
	}
	if out.kratos, err = store.Open(kratosDSN, ""); err != nil {
		out.hydra.Close()
		return databases{}, err
	}
	for _, db := range []*sql.DB{out.hydra, out.kratos} {
		db.SetMaxOpenConns(2)
		db.SetMaxIdleConns(1)
		db.SetConnMaxIdleTime(10 * time.Second)
	}
	return out, nil
}

func (d databases) close() {
	d.hydra.Close()
	d.kratos.Close()
}

// commandWait is how long a command waits for a database when the file does not say.
const commandWait = 10 * time.Second

// openForCommand opens both for a command that runs beside a serving process. It makes no tables, and no
// database on a server.
func openForCommand(ctx context.Context, cfg config.Config, log *slog.Logger) (databases, error) {
	sqlseam.Register()
	hydraDSN, kratosDSN, err := store.Resolve(storeSettings(cfg.Database, cfg.Region))
	if err != nil {
		return databases{}, err
	}
	if hydraDSN.Memory() || kratosDSN.Memory() {
		return databases{}, errors.New("a database in memory belongs to the process that serves it, and no command can reach it")
	}
	if err := databaseExists(cfg); err != nil {
		return databases{}, err // what only looks leaves nothing behind in a wrong folder
	}
	cfg.Database.Migrate = config.MigrateWait
	if cfg.Database.WaitTimeout == 0 {
		cfg.Database.WaitTimeout = commandWait
	}
	s := &Stack{cfg: cfg, log: log, readiness: supervisor.NewReadiness("waiting")}
	if _, _, err := s.meetServers(ctx, hydraDSN, kratosDSN); err != nil {
		return databases{}, err
	}
	return openDatabases(cfg)
}

// unmigrated words that tables are missing.
func unmigrated(err error, d store.Dialect) error {
	if store.TableMissing(err, d) {
		return withCode("schema_not_current", errors.New("the databases are not up to date; run identityd migrate, or identityd serve once"))
	}
	return fmt.Errorf("reading the databases: %w", err)
}
