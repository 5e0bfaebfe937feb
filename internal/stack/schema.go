package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/store"
)

// SchemaStatus is what both databases have and lack.
type SchemaStatus struct {
	// Version is this binary's.
	Version string `json:"version"`
	// Schema is how far identityd's own tables are; nil for a database in memory.
	Schema    *store.Schema    `json:"schema,omitempty"`
	Databases []DatabaseStatus `json:"databases"`
	// Keys counts Hydra's signing keys by their set.
	Keys     map[string]int `json:"keys"`
	UpToDate bool           `json:"up_to_date"`
	// Refused says why this binary would not serve; empty when it would.
	Refused string `json:"refused,omitempty"`
}

// DatabaseStatus is one engine's database.
type DatabaseStatus struct {
	Engine  string     `json:"engine"`
	Applied int        `json:"applied"`
	Pending []ory.Step `json:"pending"`
	// Newer are versions beyond all that this binary knows, Unknown older ones that it does not know.
	Newer   []string `json:"newer,omitempty"`
	Unknown []string `json:"unknown,omitempty"`
	// Tenant is the id of the tenant, empty before there is one.
	Tenant string `json:"tenant,omitempty"`
}

// Status reads what the databases have. It makes nothing.
func Status(ctx context.Context, cfg config.Config, opts Options) (SchemaStatus, error) {
	var out SchemaStatus
	err := reading(ctx, cfg, opts, func(ctx context.Context, s *Stack, e engines) error {
		l, err := s.lookAt(ctx, e)
		if err != nil {
			return err
		}
		out = SchemaStatus{Version: opts.Version, UpToDate: l.pending() == 0}
		if e.turns.db != nil {
			out.Schema = &l.own
		}
		if err := l.guard(opts.Version); err != nil {
			out.Refused = err.Error()
		}
		for _, o := range e.owners() {
			name := o.Migrations().Engine()
			state := l.engines[name]
			d := DatabaseStatus{
				Engine: name, Applied: state.Applied, Pending: append([]ory.Step{}, state.Pending...),
				Newer: state.Newer, Unknown: state.Unknown,
			}
			if d.Tenant, err = o.Tenant(ctx); err != nil {
				return err
			}
			out.Databases = append(out.Databases, d)
		}
		out.Keys, err = e.hydra.Keys(ctx)
		return err
	})
	return out, err
}

// Planned is a migration to come.
type Planned struct {
	Engine string `json:"engine"`
	ory.Step
	// SQL is what runs, empty for a migration that has nothing to do on this kind of database.
	SQL string `json:"sql"`
}

// Plan returns the migrations to come in their order, as they would run. It makes nothing.
func Plan(ctx context.Context, cfg config.Config, opts Options) ([]Planned, error) {
	out := []Planned{}
	err := reading(ctx, cfg, opts, func(ctx context.Context, s *Stack, e engines) error {
		l, err := s.lookAt(ctx, e)
		if err != nil {
			return err
		}
		if l.own.Pending() > 0 {
			for i, step := range store.OwnSteps(e.turns.dialect)[l.own.Version:] {
				out = append(out, Planned{
					Engine: ownName, SQL: strings.Join(step.Statements, ";\n") + ";",
					Step: ory.Step{Version: fmt.Sprint(l.own.Version + i + 1), Name: step.Name},
				})
			}
		}
		for _, o := range e.owners() {
			m := o.Migrations()
			for _, step := range l.engines[m.Engine()].Pending {
				text, err := m.SQL(step)
				if err != nil {
					return err
				}
				out = append(out, Planned{Engine: m.Engine(), Step: step, SQL: text})
			}
		}
		return nil
	})
	return out, err
}

// reading runs f on databases that exist, with secrets that open nothing.
func reading(ctx context.Context, cfg config.Config, opts Options, f func(context.Context, *Stack, engines) error) error {
	if err := databaseExists(cfg); err != nil {
		return err
	}
	cfg.Database.Migrate = config.MigrateOff // which creates no database either
	if cfg.Database.WaitTimeout == 0 {
		cfg.Database.WaitTimeout = commandWait
	}
	// The engines refuse to open without secrets, and this may run where there are none.
	none := []string{strings.Repeat("-", 32)}
	return jobWith(ctx, cfg, opts, keys{system: none, cookie: none, cipher: none}, f)
}

// databaseExists looks for the files of SQLite, which opening would make.
func databaseExists(cfg config.Config) error {
	hydra, kratos, err := store.Resolve(storeSettings(cfg.Database, cfg.Region))
	if err != nil {
		return err
	}
	for _, dsn := range []store.DSN{hydra, kratos} {
		if dsn.Dialect() != store.SQLite || dsn.Memory() {
			continue
		}
		if _, err := os.Stat(dsn.File()); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no database %s yet; identityd migrate makes it, and so does identityd serve", dsn)
		}
	}
	return nil
}
