package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"

	"example.com/identityd/bench/ops"
	"example.com/identityd/bench/side"
	"example.com/identityd/bench/wire"
)

// started is a side that runs, with who is known there.
type started struct {
	*side.Running
	target *ops.Target
	http   *http.Client
}

// people are enough that not everybody who signs in is the same row.
const (
	people  = 32
	clients = 8
)

// start starts a side on two new databases. dsn may change their URLs, to lead through a proxy.
func (b *Bench) start(ctx context.Context, s side.Side, o side.Options, dsn func(string) (string, error)) (_ *started, err error) {
	b.starts++
	name := fmt.Sprintf("%s-%d", s.Name(), b.starts)
	databases := []string{fmt.Sprintf("hydra_%s_%d", s.Name(), b.starts), fmt.Sprintf("kratos_%s_%d", s.Name(), b.starts)}
	if err := b.Postgres.Recreate(ctx, databases...); err != nil {
		return nil, err
	}
	urls := make([]string, len(databases))
	for i, d := range databases {
		urls[i] = b.Postgres.URL(d)
		if dsn == nil {
			continue
		}
		if urls[i], err = dsn(urls[i]); err != nil {
			return nil, err
		}
	}
	o.Dir, o.Databases = filepath.Join(b.Dir, name), side.Databases{Hydra: urls[0], Kratos: urls[1]}
	r, err := s.Start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", s.Name(), err)
	}
	out := &started{Running: r}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.Stop())
		}
	}()
	run := fmt.Sprintf("r%d", b.starts)
	who, err := r.Provision(ctx, side.Want{Confidential: clients, Public: clients, People: people, Prefix: run})
	if err != nil {
		return nil, err
	}
	w := wire.New(r.Listeners())
	out.target = &ops.Target{Name: s.Name(), Wire: w, At: r.Addresses, Population: who, Run: run}
	out.http = w.HTTP()
	return out, nil
}

// startAll starts every side.
func (b *Bench) startAll(ctx context.Context, o side.Options) ([]*started, error) {
	var all []*started
	for _, s := range b.Sides {
		one, err := b.start(ctx, s, o, nil)
		if err != nil {
			return nil, errors.Join(err, stopAll(all))
		}
		all = append(all, one)
	}
	return all, nil
}

func stopAll(all []*started) error {
	var errs error
	for _, s := range all {
		s.target.Wire.CloseIdle()
		s.http.CloseIdleConnections()
		errs = errors.Join(errs, s.Stop())
	}
	return errs
}

// pids are its processes.
func (s *started) pids() []int { return slices.Collect(maps.Values(s.PIDs)) }
