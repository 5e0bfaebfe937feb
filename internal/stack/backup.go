package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"example.com/identityd/internal/backup"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/secrets"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

// BackupOptions say what to back up, and where to.
type BackupOptions struct {
	// To is a folder, or a file that ends in .tar.gz; empty names a folder after the moment.
	To string
	// WithoutSecrets leaves the generated secrets out.
	WithoutSecrets bool
}

// Backup is a backup that was made.
type Backup struct {
	Path     string          `json:"path"`
	Manifest backup.Manifest `json:"manifest"`
	// OwnSecrets says that the secrets are not identityd's but the configuration's, and not in the backup.
	OwnSecrets bool `json:"own_secrets"`
}

// MakeBackup copies both SQLite databases as they are at one moment; it may run while they are served.
func MakeBackup(ctx context.Context, cfg config.Config, opts Options, o BackupOptions) (Backup, error) {
	hydra, kratos, err := sqliteFiles(cfg, "backup")
	if err != nil {
		return Backup{}, err
	}
	if o.To == "" {
		o.To = "identityd-backup-" + time.Now().UTC().Format("20060102T150405Z")
	}
	from := backup.Source{Hydra: hydra.File(), Kratos: kratos.File(), Version: opts.Version}
	own := ownSecrets(cfg)
	if !own && !o.WithoutSecrets {
		from.Secrets = filepath.Join(cfg.DataDir, secrets.FileName)
	}
	m, err := backup.Make(ctx, from, o.To)
	if err != nil {
		return Backup{}, err
	}
	// The backup is whole; that the folder of data may be read-only does not change that.
	if err := backup.Note(cfg.DataDir, backup.Latest{MadeAt: m.MadeAt, Path: o.To}); err != nil {
		opts.Log.InfoContext(ctx, "identityd doctor will not know of this backup", "err", err)
	}
	return Backup{Path: o.To, Manifest: m, OwnSecrets: own}, nil
}

// CheckBackup verifies a backup and changes nothing.
func CheckBackup(ctx context.Context, from string) (backup.Manifest, error) {
	return backup.Check(ctx, from)
}

// Restored is what a restore did.
type Restored struct {
	backup.Restored
	// MissingSecrets says that the backup holds no secrets and that none are there to open it with.
	MissingSecrets bool `json:"missing_secrets"`
}

// Restore puts a backup in the place of the databases. Nobody may serve from them meanwhile.
func Restore(ctx context.Context, cfg config.Config, from string) (Restored, error) {
	hydra, kratos, err := sqliteFiles(cfg, "restore")
	if err != nil {
		return Restored{}, err
	}
	owned, err := store.Own(hydra, kratos)
	if err != nil {
		return Restored{}, fmt.Errorf("restoring: %w", err)
	}
	secretsFile := filepath.Join(cfg.DataDir, secrets.FileName)
	done, err := backup.Restore(ctx, from, backup.Target{
		Hydra: hydra.File(), Kratos: kratos.File(), Secrets: secretsFile,
	})
	if err = errors.Join(err, owned.Release()); err != nil {
		return Restored{}, err
	}
	_, err = os.Stat(secretsFile)
	missing := !ownSecrets(cfg) && errors.Is(err, fs.ErrNotExist)
	return Restored{Restored: done, MissingSecrets: missing}, nil
}

// sqliteFiles refuses databases that have tools of their own, and names them.
func sqliteFiles(cfg config.Config, command string) (hydra, kratos store.DSN, err error) {
	sqlseam.Register()
	hydra, kratos, err = store.Resolve(storeSettings(cfg.Database, cfg.Region))
	if err != nil {
		return store.DSN{}, store.DSN{}, err
	}
	cure := ""
	switch {
	case hydra.Memory() || kratos.Memory():
		cure = "is in memory, which nothing outlives; write sqlite:// and a folder"
	case kratos.Dialect() == store.SQLite && hydra.Dialect() == store.SQLite:
		return hydra, kratos, nil
	case kratos.Dialect() == store.Cockroach && command == "restore":
		cure = "is CockroachDB, which restores by itself: RESTORE DATABASE hydra, kratos FROM LATEST IN '...' as an administrator"
	case kratos.Dialect() == store.Cockroach:
		cure = "is CockroachDB, which backs up by itself: BACKUP DATABASE hydra, kratos INTO '...' as an administrator; " +
			"keep the secrets beside it"
	case command == "restore":
		cure = "is PostgreSQL: use pg_restore --clean --dbname for each of the databases hydra and kratos"
	default:
		cure = "is PostgreSQL: use pg_dump --format=custom for the databases hydra, then kratos, and keep the secrets beside the dumps"
	}
	return store.DSN{}, store.DSN{}, &config.Problems{Source: cfg.Source, List: []config.Problem{{
		Path: "database.url", Message: cure + "; identityd " + command + " is for SQLite",
	}}}
}

// ownSecrets reports whether all secrets come from the configuration.
func ownSecrets(cfg config.Config) bool {
	return len(cfg.Secrets.System) > 0 && len(cfg.Secrets.Cookie) > 0 && len(cfg.Secrets.Cipher) > 0
}
