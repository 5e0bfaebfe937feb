package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/declare"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/store"
)

// declaring is one comparison of a file with what the engines of a pair have.
type declaring struct {
	*declare.Reconciler
	stack  *Stack
	pair   *pair
	want   []declare.Want
	sums   []string
	holder string
	repair bool
}

// declaring makes ready to compare a configuration, which is that of the pair or one that was just read.
func (s *Stack) declaring(p *pair, cfg config.Config) (*declaring, error) {
	people, err := declaredPeople(cfg)
	if err != nil {
		return nil, err
	}
	keys, err := p.keys.derive("client digest")
	if err != nil {
		return nil, err
	}
	d := &declaring{
		stack: s, pair: p, want: declare.Wants(declared(cfg.Clients), people), holder: s.holder() + "/" + s.instance,
		repair: cfg.Declared.Drift == config.DriftRepair,
		Reconciler: &declare.Reconciler{
			Owner: cfg.Declared.Owner, Keys: keys, Ledger: s.ledger(p),
			Registries: map[declare.Kind]declare.Registry{
				declare.KindClient:   hydra.NewClients(p.uiToHydra, p.hydra.StoredSecret),
				declare.KindIdentity: kratos.NewDeclared(p.toKratosAdmin),
			},
			Who: s.whoChanged(p), Report: s.reportDeclared,
		},
	}
	d.sums, err = declare.FileSums(d.want, keys)
	return d, err
}

// ledger is where it is written down what the file made: in the database, or, when that ends with the
// process, in memory.
func (s *Stack) ledger(p *pair) declare.Ledger {
	if p.turns.db == nil {
		return &s.declaredInMemory
	}
	l := declare.SQL{DB: p.turns.db}
	if p.turns.dialect == store.SQLite {
		l.Around = p.kratos.Alone
	}
	return l
}

// keep does what the file says, unless that is done already or a newer file is in force. It costs one statement
// where there is nothing to do. The caller holds the lease of starts.
func (d *declaring) keep(ctx context.Context) error {
	verdict, newest, err := declare.Judge(ctx, d.Ledger, d.holder, d.Owner, d.sums)
	if err != nil {
		return err
	}
	d.stack.declaredPending.Store(verdict == declare.Superseded)
	switch {
	case len(d.want) == 0 && newest.Generation == 0:
		return nil // nothing was ever declared
	case verdict == declare.Superseded:
		d.stack.log.WarnContext(ctx, "a newer file declares clients and identities, and this one does not undo it", "by", newest.By,
			"cure", "take the newer file here too; this one takes force when nobody serves with the newer one, or at once by identityd apply")
		return nil
	case verdict == declare.Nothing:
		return nil
	}
	how := declare.How{Repair: d.repair}
	plan, err := d.Plan(ctx, d.want, how)
	if err != nil {
		return err
	}
	res, err := d.do(ctx, plan, how, newest)
	if err != nil {
		return err
	}
	d.stack.tellKept(ctx, res.Kept)
	return nil
}

// do does what a plan says, and writes down that the file is in force: before, so that an older file does
// not meanwhile undo it, and after.
func (d *declaring) do(ctx context.Context, plan declare.Plan, how declare.How, newest declare.File) (declare.Result, error) {
	file, err := declare.Take(ctx, d.Ledger, d.holder, d.Owner, d.sums, newest, false)
	if err != nil {
		return declare.Result{}, err
	}
	if err := d.beat(ctx, file.Generation, time.Now()); err != nil {
		return declare.Result{}, err
	}
	began := time.Now()
	res, err := d.Apply(ctx, plan, how)
	if err != nil {
		return res, err
	}
	if _, err = declare.Take(ctx, d.Ledger, d.holder, d.Owner, d.sums, file, true); err != nil {
		return res, err
	}
	d.stack.log.InfoContext(ctx, "declared clients and identities are in force", "count", len(res.Done),
		"duration", time.Since(began).Round(time.Millisecond).String())
	return res, nil
}

// beat says that this process serves with a state of the file, where there can be others.
func (d *declaring) beat(ctx context.Context, generation int64, seen time.Time) error {
	if d.pair.turns.db == nil || d.pair.turns.dialect == store.SQLite {
		return nil
	}
	return d.Ledger.Beat(ctx, d.holder, d.Owner, generation, seen)
}

// declareAtStart does what the file says before anybody is served.
func (s *Stack) declareAtStart(ctx context.Context, p *pair) error {
	d, err := s.declaring(p, p.cfg)
	if err != nil {
		return err
	}
	return d.keep(ctx)
}

// tellKept says what nothing but a person does.
func (s *Stack) tellKept(ctx context.Context, kept []declare.Action) {
	for _, a := range kept {
		switch {
		case a.Do == declare.Refuse:
			s.log.WarnContext(ctx, "a declared identity exists already, and is left as it is", "key", a.Name, "reason", a.Reason,
				"cure", "take it out of the file, or take over what exists with identityd apply --adopt: the password stays theirs")
		case a.HeldBack:
			s.log.WarnContext(ctx, "what left the file is still there", "kind", string(a.Kind), "key", a.Name, "reason", a.Reason,
				"cure", "look at identityd plan, and remove it with identityd apply")
		}
	}
	s.metrics.declared.set(kept)
}

// reportDeclared says what was done.
func (s *Stack) reportDeclared(ctx context.Context, a declare.Action) {
	message, word := "oauth2 client "+a.Do.Past(), "client_id"
	if a.Kind == declare.KindIdentity {
		message, word = "identity "+a.Do.Past(), "key"
	}
	s.log.InfoContext(ctx, message, word, a.Name) //nolint:sloglint // one of ten, all of them constant
}

// whoChanged asks the audit trail who changed something last, by other means than the file.
func (s *Stack) whoChanged(p *pair) func(context.Context, declare.Kind, string, string) (string, time.Time, bool) {
	return func(ctx context.Context, kind declare.Kind, name, ref string) (string, time.Time, bool) {
		reader, err := p.keys.reader(p.turns)
		if err != nil || reader == nil {
			return "", time.Time{}, false
		}
		f := audit.Filter{Client: name, Kinds: []string{audit.AdminChange, "OAuth2ClientUpdated", "OAuth2ClientCreated"}}
		if kind == declare.KindIdentity {
			f = audit.Filter{Subject: ref, Kinds: []string{audit.AdminChange, "IdentityUpdated", audit.ProfileChanged, "SettingsSucceeded"}}
		}
		const look = 10
		list, err := reader.Latest(ctx, f, 0, look)
		i := slices.IndexFunc(list, func(r audit.Read) bool { return r.Actor != audit.ActorFile && r.Outcome != audit.Failed })
		if err != nil || i < 0 {
			return "", time.Time{}, false
		}
		return list[i].Actor, list[i].When().UTC(), true
	}
}

// declaredPeople translates user words into those of declare.
func declaredPeople(cfg config.Config) ([]declare.Identity, error) {
	if len(cfg.Identities) == 0 {
		return nil, nil
	}
	loaded, err := loadSchemas(cfg)
	if err != nil {
		return nil, err
	}
	out := &config.Problems{Source: cfg.Source}
	var list []declare.Identity
	for i, one := range cfg.Identities {
		id := one.Schema
		if id == "" {
			id = loaded.preferred
		}
		if latest()[id] != "" {
			id = latest()[id]
		}
		at := slices.IndexFunc(loaded.list, func(s kratos.Schema) bool { return s.ID == id })
		if at < 0 {
			return nil, fmt.Errorf("identities[%d].schema: there is no schema %q", i, id)
		}
		for _, p := range kratos.CheckTraits(loaded.list[at].Raw, one.Traits) {
			out.List = append(out.List, config.Problem{
				Path: fmt.Sprintf("identities[%d].%s", i, p.At), Message: fmt.Sprintf("must be as identity schema %s asks: %s", id, p.Reason),
			})
		}
		if hash := one.PasswordHash.Reveal(); hash != "" {
			if reason := kratos.CheckHash(hash); reason != "" {
				out.List = append(out.List, config.Problem{Path: fmt.Sprintf("identities[%d].password_hash_file", i), Message: reason})
			}
		}
		list = append(list, declare.Identity{
			Key: one.Key, Schema: id, Traits: one.Traits, State: string(one.State), Verified: one.VerifiedAddresses,
			MetadataPublic: one.MetadataPublic, MetadataAdmin: one.MetadataAdmin,
			Password: one.Password.Reveal(), PasswordHash: one.PasswordHash.Reveal(),
		})
	}
	if len(out.List) > 0 {
		return nil, out
	}
	return list, nil
}

// checkDeclared says what is wrong with what a file declares, as far as that can be seen without a database.
func checkDeclared(cfg config.Config) error {
	people, err := declaredPeople(cfg)
	return errors.Join(err, declare.Check(declare.Wants(declared(cfg.Clients), people)))
}
