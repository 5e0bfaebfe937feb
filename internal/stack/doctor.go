package stack

import (
	"context"
	"errors"
	"net/http"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/doctor"
)

// Doctor examines the installation that a configuration describes: beside a running identityd, which it asks
// too, or on a stopped one. problems are what is wrong with cfg.
func Doctor(ctx context.Context, cfg config.Config, problems *config.Problems, opts Options, o doctor.Options) doctor.Result {
	s := &doctor.Subject{
		Config: cfg, Version: opts.Version, Log: opts.Log, Settings: storeSettings(cfg.Database, cfg.Region),
		Engines: doctor.Engines{
			Settings: func(ctx context.Context) error { return Check(ctx, cfg) },
		},
	}
	if problems != nil {
		s.Problems = problems.List
	}
	s.Process, s.Unasked = askProcess(ctx, cfg.DataDir)
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
