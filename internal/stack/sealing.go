package stack

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/sealing"
	"example.com/identityd/internal/secrets"
	"example.com/identityd/internal/store"
)

// lookEvery is how often one process of an installation counts what old secrets are still needed for.
const lookEvery = time.Hour

// kinds are the lists of secrets by their words.
func (k keys) kinds() map[string][]string {
	return map[string][]string{"system": k.system, "cookie": k.cookie, "cipher": k.cipher}
}

// secretList is what the ledger knows of the secrets in force, and what opens what they sealed.
func secretList(cfg config.Config, k keys) ([]sealing.Secret, []sealing.Seal) {
	made := madeDates(cfg)
	var (
		list  []sealing.Secret
		seals []sealing.Seal
	)
	for _, kind := range secrets.Kinds() {
		for _, value := range k.kinds()[kind] {
			list = append(list, sealing.Secret{Kind: kind, Fingerprint: secrets.Fingerprint(kind, value), Made: made[value]})
			var seal sealing.Seal
			switch kind {
			case "system":
				seal = hydra.NewSeal(value)
			case "cipher":
				seal = kratos.NewSeal(value)
			}
			seals = append(seals, seal)
		}
	}
	return list, seals
}

// madeDates reads when secrets were made from the file that they are in. One that cannot be read has been
// refused elsewhere, or is none that keeps dates.
func madeDates(cfg config.Config) map[string]time.Time {
	out := map[string]time.Time{}
	for _, path := range []string{cfg.Secrets.File, filepath.Join(cfg.DataDir, secrets.FileName)} {
		if path == "" {
			continue
		}
		f, err := secrets.Open(path)
		if err != nil {
			continue
		}
		for _, kind := range secrets.Kinds() {
			for _, s := range f.List(kind) {
				out[s.Value] = s.Made
			}
		}
	}
	return out
}

// sealedByOthers are the keys of the audit trail, which only the audit trail can wrap anew.
func sealedByOthers(dbs databases, k keys) ([]sealing.Other, error) {
	wraps, err := k.auditWraps()
	if err != nil {
		return nil, err
	}
	count := func(ctx context.Context) (map[int]int64, error) {
		by, err := audit.Wrapped(ctx, dbs.kratos)
		out := map[int]int64{}
		for id, n := range by {
			out[slices.IndexFunc(wraps, func(w []byte) bool { return audit.WrapID(w) == id })] += n
		}
		return out, err
	}
	trail := audit.New(audit.Config{DB: dbs.kratos, Dialect: dbs.dialect, Wraps: wraps, Log: slog.New(slog.DiscardHandler)})
	return []sealing.Other{{
		Table: "identityd_audit_key", Kind: "cipher", Count: count,
		Reseal: func(ctx context.Context) (int64, error) {
			before, err := count(ctx)
			if err != nil {
				return 0, err
			}
			if err := trail.Rewrap(ctx); err != nil {
				return 0, err
			}
			after, err := count(ctx)
			return max(after[0]-before[0], 0), err
		},
	}}, nil
}

func secretKeep(cfg config.Config) sealing.Keep {
	return sealing.Keep{Session: cfg.Session.Lifespan, Token: max(cfg.Tokens.Access, cfg.Tokens.Refresh)}
}

// keepSecrets says which secrets this process serves with, seals anew what old ones sealed, and counts what
// they are still needed for, until ctx ends.
func (s *Stack) keepSecrets(ctx context.Context) {
	if s.current().turns.db == nil { // in memory everything goes with the process
		return
	}
	dbs, err := openDatabases(s.cfg)
	if err != nil {
		s.log.WarnContext(ctx, "opening the databases for the secrets failed", "err", err)
		return
	}
	defer dbs.close()
	s.metrics.watchSecrets()
	err = s.follow(ctx, func(ctx context.Context, p *pair) error { return s.keepSecretsOf(ctx, p, dbs) })
	if err != nil {
		s.log.WarnContext(ctx, "the secrets in use are not looked at", "err", err)
	}
}

func (s *Stack) keepSecretsOf(ctx context.Context, p *pair, dbs databases) (err error) {
	list, seals := secretList(p.cfg, p.keys)
	k := &secretKeeper{
		stack: s, cfg: p.cfg, turns: p.turns, list: list, holder: s.holder() + "/" + s.instance,
		ledger: sealing.Ledger{DB: p.turns.db, Dialect: p.turns.dialect},
		dbs:    sealing.Databases{Hydra: dbs.hydra, Kratos: dbs.kratos, Dialect: dbs.dialect, Secrets: list, Seals: seals},
	}
	if k.dbs.Others, err = sealedByOthers(dbs, p.keys); err != nil {
		return err
	}
	if dbs.dialect == store.SQLite {
		k.dbs.AroundHydra, k.dbs.AroundKratos = p.serial[hydraName].Do, p.serial[kratosName].Do
	}
	s.metrics.secrets.serveWith(list)
	k.run(ctx)
	return nil
}

// secretKeeper is what one process does about its secrets.
type secretKeeper struct {
	stack  *Stack
	cfg    config.Config
	turns  turns
	ledger sealing.Ledger
	dbs    sealing.Databases
	list   []sealing.Secret
	holder string
	// resealed says that nothing is left to seal anew; looked is when that and the rest was counted.
	resealed bool
	looked   time.Time
}

func (k *secretKeeper) run(ctx context.Context) {
	defer func() {
		// What is not written down here is taken for alive for some minutes.
		bound, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if err := k.alone(bound, func() error { return k.ledger.Leave(bound, k.holder, k.list) }); err != nil {
			k.stack.log.DebugContext(ctx, "the end was not written down", "err", err)
		}
	}()
	for {
		if err := k.beat(ctx); err != nil && ctx.Err() == nil {
			k.stack.log.WarnContext(ctx, "the secrets in use were not looked at", "err", err)
		}
		if store.Sleep(ctx, sealing.Beat) != nil {
			return
		}
	}
}

// alone runs f where an engine lets one write at a time.
func (k *secretKeeper) alone(ctx context.Context, f func() error) (err error) {
	if k.dbs.AroundKratos == nil {
		return f()
	}
	if !k.dbs.AroundKratos(ctx, func() { err = f() }) {
		return context.Cause(ctx)
	}
	return err
}

func (k *secretKeeper) beat(ctx context.Context) error {
	if err := k.alone(ctx, func() error { return k.ledger.Note(ctx, k.holder, k.list) }); err != nil {
		return err
	}
	rows, err := k.ledger.Rows(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows { // another process may have looked
		if r.Counted.After(k.looked) {
			k.looked = r.Counted
		}
	}
	if !k.resealed || time.Since(k.looked) >= lookEvery {
		if err := k.look(ctx); err != nil {
			return err
		}
		if rows, err = k.ledger.Rows(ctx); err != nil {
			return err
		}
	}
	k.stack.metrics.secrets.set(rows)
	return nil
}

// look has its turn, unless another process does the same just now.
func (k *secretKeeper) look(ctx context.Context) (err error) {
	if k.turns.leases != nil {
		lease, err := k.turns.leases.TryAcquire(ctx, leaseSecrets)
		if lease == nil || err != nil {
			return err
		}
		defer func() { err = errors.Join(err, lease.Release(context.WithoutCancel(ctx))) }()
		ctx = lease.Context()
	}
	readers, err := k.ledger.Readers(ctx)
	if err != nil {
		return err
	}
	reseal := !k.stack.opts.WithoutResealing
	if who := sealing.Strangers(readers, firsts(k.list)); len(who) > 0 {
		// What is sealed anew they could not open, signing keys among it.
		reseal = false
		k.stack.log.WarnContext(ctx, "other processes do not know a secret that is in use here; nothing is sealed anew before they do",
			"processes", who, "cure", "rotate with several processes in steps: identityd secrets rotate --stage add")
	}
	needs, found, err := k.dbs.Count(ctx, k.ledger, secretKeep(k.cfg), reseal)
	if err != nil {
		return err
	}
	k.looked = time.Now()
	k.resealed = reseal || k.stack.opts.WithoutResealing
	for _, f := range found {
		if f.Resealed > 0 {
			k.stack.log.InfoContext(ctx, "sealed anew with the first secret", "table", f.Table, "kind", f.Kind, "count", f.Resealed)
		}
		if f.Unknown > 0 {
			k.stack.log.WarnContext(ctx, "rows that none of the secrets opens", "table", f.Table, "kind", f.Kind, "count", f.Unknown,
				"cure", "put the secret that sealed them back into the file, behind the first")
		}
	}
	for _, n := range needs {
		if n.Position > 0 {
			k.stack.log.DebugContext(ctx, "an older secret", "kind", n.Kind, "fingerprint", n.Fingerprint, "needed", n.Needed(time.Now()))
		}
	}
	return nil
}

// firsts are the secrets that seal.
func firsts(list []sealing.Secret) []sealing.Secret {
	var out []sealing.Secret
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s.Kind] {
			seen[s.Kind] = true
			out = append(out, s)
		}
	}
	return out
}
