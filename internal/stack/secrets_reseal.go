package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/sealing"
	"example.com/identityd/internal/store"
)

// Resealed is what became of one table.
type Resealed struct {
	Table    string `json:"table"`
	Kind     string `json:"kind"`
	Resealed int64  `json:"resealed"`
	// Left are rows that an older secret still opens alone; they end by themselves.
	Left    int64 `json:"left"`
	Unknown int64 `json:"unknown"`
}

// ResealSecrets does for a command what a serving process does by itself after a rotation: it seals anew with
// the first secret what an older one sealed in the databases.
func ResealSecrets(ctx context.Context, cfg config.Config, opts Options) (out []Resealed, err error) {
	k, err := secretsInForce(cfg)
	if err != nil {
		return nil, err
	}
	dbs, err := openForCommand(ctx, cfg, opts.Log)
	if err != nil {
		return nil, err
	}
	defer dbs.close()
	ledger := ledgerOf(dbs)
	d, err := sealedIn(cfg, dbs, k)
	if err != nil {
		return nil, err
	}
	readers, err := ledger.Readers(ctx)
	if err != nil {
		return nil, unmigratedSecrets(err, dbs.dialect)
	}
	if who := sealing.Strangers(readers, firsts(d.Secrets)); len(who) > 0 {
		return nil, fmt.Errorf("a serving process could not open what would be sealed anew: %s.\nRestart it with this file first",
			strings.Join(who, ", "))
	}
	if dbs.dialect != store.SQLite {
		dbs.kratos.SetMaxOpenConns(4) // one keeps the lease, one renews it
		s := &Stack{cfg: cfg, opts: opts, log: opts.Log}
		lease, err := store.NewLeases(dbs.kratos, dbs.dialect, s.holder(), s.log).Acquire(ctx, leaseSecrets)
		if err != nil {
			return nil, fmt.Errorf("waiting for the lease %s: %w", leaseSecrets, err)
		}
		defer func() { err = errors.Join(err, lease.Release(context.WithoutCancel(ctx))) }()
		ctx = lease.Context()
	}
	_, found, err := d.Count(ctx, ledger, secretKeep(cfg), true)
	if err != nil {
		return nil, err
	}
	out = []Resealed{}
	for _, f := range found {
		r := Resealed{Table: f.Table, Kind: f.Kind, Resealed: f.Resealed, Unknown: f.Unknown}
		for i, n := range f.By {
			if d.Secrets[i] != firstOf(d.Secrets, f.Kind) {
				r.Left += n
			}
		}
		out = append(out, r)
	}
	return out, nil
}

func firstOf(list []sealing.Secret, kind string) sealing.Secret {
	for _, s := range firsts(list) {
		if s.Kind == kind {
			return s
		}
	}
	return sealing.Secret{}
}
