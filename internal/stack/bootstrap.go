package stack

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"

	"example.com/identityd/internal/bootstrap"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

// BootstrapOptions say how to reach the server and what to do about passwords.
type BootstrapOptions struct {
	// AdminURL is connected to, by somebody who may make databases and users.
	AdminURL string
	// Passwords says what becomes of the passwords of users that exist: BootstrapKeep and its siblings.
	Passwords BootstrapPasswords
	// Folder takes the passwords that no password_file is configured for; empty leaves them to the caller.
	Folder string
}

// BootstrapPasswords says what becomes of the passwords of users that exist.
type BootstrapPasswords string

// What may become of a password: it stays, it is set to what is configured, it is replaced by a new one.
const (
	BootstrapKeep   BootstrapPasswords = "keep"
	BootstrapSet    BootstrapPasswords = "set"
	BootstrapRotate BootstrapPasswords = "rotate"
)

// BootstrapAccount is a user of the databases, with where its password is.
type BootstrapAccount struct {
	Name string
	// File holds the password, if a file does.
	File string
	// Password is set only where nothing else keeps it: it was made now, and will not be told again.
	Password string
	// Inline says that the configuration itself holds the password.
	Inline bool
}

// BootstrapReport is what was done, and what the caller needs for the next step.
type BootstrapReport struct {
	bootstrap.Result
	Plan bootstrap.Plan
	// URL is what database.url should be, without users and passwords.
	URL string
	// Accounts are the users by name.
	Accounts map[string]*BootstrapAccount
}

// BootstrapScript returns what Bootstrap would run, for a person.
func BootstrapScript(cfg config.Config, o BootstrapOptions) (string, error) {
	b, err := newBootstrapper(cfg, o)
	if err != nil {
		return "", err
	}
	return b.report.Plan.Script(), nil
}

// Bootstrap makes the databases and their users. It may be run again.
func Bootstrap(ctx context.Context, cfg config.Config, o BootstrapOptions) (BootstrapReport, error) {
	sqlseam.Register()
	b, err := newBootstrapper(cfg, o)
	if err != nil {
		return BootstrapReport{}, err
	}
	open := func(database string) (*sql.DB, error) { return store.Open(b.admin.ForMigrations(), database) }
	b.report.Result, err = bootstrap.Run(ctx, b.report.Plan, open, b.password)
	for _, done := range b.rotated {
		if err != nil {
			break
		}
		err = done()
	}
	if err != nil {
		return b.report, fmt.Errorf("bootstrapping %s: %w", b.admin, err)
	}
	return b.report, nil
}

type bootstrapper struct {
	options BootstrapOptions
	admin   store.DSN
	report  BootstrapReport
	// configured are the passwords that the configuration holds, by user.
	configured map[string]string
	// rotated put new passwords into their place, once the server has them.
	rotated []func() error
}

func newBootstrapper(cfg config.Config, o BootstrapOptions) (*bootstrapper, error) {
	b := &bootstrapper{options: o, configured: map[string]string{}, report: BootstrapReport{Accounts: map[string]*BootstrapAccount{}}}
	settings := storeSettings(cfg.Database, cfg.Region)
	address := cfg.Database.URL.Reveal()
	if cfg.Database.Dialect() == config.SQLite {
		if o.AdminURL == "" {
			return nil, bootstrapProblem(cfg, "is SQLite, which needs no bootstrap; set it to postgres:// or cockroach://, or name --admin-url")
		}
		// Without a configuration yet: the same server, as seen by the administrator.
		address = o.AdminURL
		settings.URL = address
	}
	hydra, kratos, err := store.Resolve(settings)
	if err != nil {
		return nil, err
	}
	if o.AdminURL == "" {
		b.admin = hydra // for the script, which connects to nothing
	} else if b.admin, _, err = store.Resolve(store.Settings{URL: o.AdminURL, Pool: settings.Pool}); err != nil {
		return nil, fmt.Errorf("reading --admin-url: %w", err)
	}
	if b.admin.Dialect() != hydra.Dialect() {
		return nil, fmt.Errorf("reading --admin-url: it must begin with %s:// as database.url does (got %s://)", hydra.Dialect(), b.admin.Dialect())
	}
	b.report.URL = withoutUser(address)
	b.report.Plan.Dialect = hydra.Dialect()
	for _, one := range []struct {
		dsn   store.DSN
		words config.DatabaseUser
	}{{hydra, cfg.Database.Hydra}, {kratos, cfg.Database.Kratos}} {
		serving := one.dsn.User()
		if serving == "" || cfg.Database.Dialect() == config.SQLite && one.words.User == "" {
			serving = one.dsn.Name() + "_user"
		}
		db := bootstrap.Database{Name: one.dsn.Name(), Serving: serving, Migrating: one.dsn.Name() + "_migrator"}
		b.report.Plan.Databases = append(b.report.Plan.Databases, db)
		b.know(db.Serving, one.words, one.dsn)
		b.know(db.Migrating, config.DatabaseUser{}, store.DSN{})
	}
	return b, nil
}

// know notes where the password of a user is.
func (b *bootstrapper) know(role string, words config.DatabaseUser, dsn store.DSN) {
	if b.report.Accounts[role] != nil {
		return
	}
	account := &BootstrapAccount{Name: role, File: words.PasswordFile}
	password := words.Password.Reveal()
	if password == "" && dsn.User() == role {
		password = dsn.Password()
	}
	if password != "" {
		b.configured[role] = password
		account.Inline = words.PasswordFile == ""
	}
	if account.File == "" && !account.Inline && b.options.Folder != "" {
		account.File = filepath.Join(b.options.Folder, role)
	}
	b.report.Accounts[role] = account
}

func bootstrapProblem(cfg config.Config, message string) error {
	return &config.Problems{Source: cfg.Source, List: []config.Problem{{Path: "database.url", Message: message}}}
}
