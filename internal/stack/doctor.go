package stack

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/doctor"
	"example.com/identityd/internal/janitor"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/store"
)

// Doctor examines the installation that a configuration describes: beside a running identityd, which it asks
// too, or on a stopped one. problems are what is wrong with cfg.
func Doctor(ctx context.Context, cfg config.Config, problems *config.Problems, opts Options, o doctor.Options) doctor.Result {
	s := &doctor.Subject{
		Config: cfg, Version: opts.Version, Log: opts.Log, Net: o.Net, Settings: storeSettings(cfg.Database, cfg.Region),
		Engines: doctor.Engines{
			Settings: func(ctx context.Context) error { return Check(ctx, cfg) },
			Upkeep:   doctorUpkeep(cfg),
			Hashing:  func(ctx context.Context) (doctor.Hashing, error) { return doctorHashing(ctx, cfg) },

			Declared:    doctorDeclared(cfg.DataDir),
			Connections: leaseConnections + throttleConnections,
			Schema:      doctorSchema(opts.Version, store.Dialect(cfg.Database.Dialect())),
		},
	}
	if problems != nil {
		s.Problems = problems.List
	}
	s.Process, s.Unasked = askProcess(ctx, cfg.DataDir)
	if s.Process != nil {
		s.Probe = probeOf(cfg.DataDir)
	}
	return doctor.Examine(ctx, s, doctor.All(), o)
}

// askProcess asks the identityd that runs from a folder. None is no error.
func askProcess(ctx context.Context, dataDir string) (*doctor.Process, error) {
	if dataDir == "" {
		return nil, nil //nolint:nilnil // neither a process nor a reason
	}
	c, err := control.Dial(dataDir)
	var none *control.NotRunningError
	if errors.As(err, &none) {
		return nil, nil //nolint:nilnil // neither a process nor a reason
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var p doctor.Process
	if err := c.Call(ctx, http.MethodGet, "/status", nil, &p); err != nil {
		return nil, err
	}
	return &p, nil
}

// askTimeout is what a running process has to answer.
const askTimeout = 5 * time.Second

// doctorUpkeep reads how the janitor stands, and counts what there is to remove.
func doctorUpkeep(cfg config.Config) func(context.Context, *sql.DB, *sql.DB) (doctor.Upkeep, error) {
	return func(ctx context.Context, hydraDB, kratosDB *sql.DB) (doctor.Upkeep, error) {
		dbs := databases{hydra: hydraDB, kratos: kratosDB, dialect: store.Dialect(cfg.Database.Dialect())}
		j := janitor.New(janitorConfig(cfg, dbs, nil))
		last, tables, err := j.Status(ctx, true)
		if store.TableMissing(err, dbs.dialect) { // of a release that has not migrated yet
			last, tables, err = j.Status(ctx, false)
		}
		out := doctor.Upkeep{Began: last.Began, Ended: last.Ended}
		for _, t := range tables {
			out.Tables = append(out.Tables, doctor.Table{Name: t.Table, Dead: t.Backlog, All: t.All})
		}
		return out, err
	}
}

// doctorHashing is what hashing passwords would take here.
func doctorHashing(ctx context.Context, cfg config.Config) (doctor.Hashing, error) {
	_, kc, err := checkedSettings(cfg)
	if err != nil {
		return doctor.Hashing{}, err
	}
	ctx, cancel := context.WithCancel(ctx) // the engine keeps a goroutine until then
	defer cancel()
	each, err := kratos.HashMemory(ctx, kc)
	return doctor.Hashing{Each: each, AtOnce: hashes(cfg.Throttle.Hashes).At(each)}, err
}

// probeOf asks the process that runs from a folder how a request arrived.
func probeOf(dataDir string) doctor.Probe {
	call := func(ctx context.Context, method string, out any) error {
		c, err := control.Dial(dataDir)
		if err != nil {
			return err
		}
		return c.Call(ctx, method, "/probe", nil, out)
	}
	return doctor.Probe{
		Arm: func(ctx context.Context) (string, error) {
			var said struct {
				Word string `json:"word"`
			}
			err := call(ctx, http.MethodPost, &said)
			return said.Word, err
		},
		Seen: func(ctx context.Context) (*doctor.Arrival, error) {
			var said struct {
				Arrival *doctor.Arrival `json:"arrival"`
			}
			err := call(ctx, http.MethodGet, &said)
			return said.Arrival, err
		},
	}
}
