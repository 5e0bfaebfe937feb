package stack

import (
	"context"
	"errors"

	"example.com/identityd/internal/held"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/store"
	"example.com/identityd/internal/throttle"
)

// persons answers what is asked of everything that is held of a person: for the command line, and for their own
// pages.
type persons struct {
	stack *Stack
	pair  *pair
}

func (s *Stack) persons(p *pair) persons { return persons{s, p} }

// keep runs f with a keeper over pools of its own, which are closed again: people leave rarely. Without a
// database that outlives the process nothing is kept, and f gets nil.
func (a persons) keep(f func(*held.Keeper) error) error {
	p := a.pair
	if p.turns.db == nil {
		return f(nil)
	}
	dbs, err := openDatabases(p.cfg)
	if err != nil {
		return err
	}
	defer dbs.close()
	c := held.Config{Hydra: dbs.hydra, Kratos: dbs.kratos, Dialect: dbs.dialect}
	if dbs.dialect == store.SQLite {
		c.AroundHydra, c.AroundKratos = p.serial[hydraName].Do, p.serial[kratosName].Do
	}
	return f(held.New(c))
}

// Export implements ui.Data.
func (a persons) Export(ctx context.Context, person, session string) (any, error) {
	var out *held.Document
	err := a.keep(func(k *held.Keeper) (err error) {
		reader, err := a.pair.keys.reader(a.pair.turns)
		if err != nil {
			return err
		}
		people := kratos.NewClient(a.pair.toKratos, a.pair.toKratosAdmin)
		e := held.Exporter{
			Service: brand(a.pair.cfg), People: account{people, a.pair.kratos}, Rows: k, Attempts: a.attempts,
			Grants: grants{a.stack.hydraClient(a.pair.cfg, a.pair.uiToHydra).hydraClient, a.pair.hydra},
		}
		if reader != nil {
			e.Trail = activity{reader: reader} // of all kinds
		}
		out, err = e.Export(ctx, person, session)
		return err
	})
	return out, err
}

// Traces implements ui.Data: who the person is has to be known before the account goes.
func (a persons) Traces(ctx context.Context, person string) (remove func(context.Context) error, err error) {
	p := held.Person{ID: person}
	err = a.keep(func(k *held.Keeper) error {
		if k != nil {
			p, err = k.Find(ctx, person)
		}
		return err
	})
	return func(ctx context.Context) error { return a.removeTraces(ctx, p) }, err
}

// removeTraces removes what the engines leave, and what was counted.
func (a persons) removeTraces(ctx context.Context, p held.Person) error {
	err := a.keep(func(k *held.Keeper) error {
		if k == nil {
			return nil
		}
		_, err := k.Remove(ctx, p)
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range append([]string{p.ID}, p.Names...) {
		if t := a.stack.throttling.Load(); t != nil && t.limiter != nil {
			if _, err := t.limiter.Clear(ctx, throttle.Query{Account: t.limiter.Config().Names.Account(name)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// countedKind is what counts of attempts are called.
const countedKind = "counts of failed attempts"

func (a persons) attempts(ctx context.Context, names []string) ([]held.Attempt, error) {
	out := []held.Attempt{}
	t := a.stack.throttling.Load()
	if t == nil || t.limiter == nil {
		return out, nil
	}
	for _, name := range names {
		q := throttle.Query{Account: t.limiter.Config().Names.Account(name)}
		all, err := t.limiter.All(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, one := range throttled(t.limiter.Config(), q, all) {
			out = append(out, held.Attempt{What: one.Attempt, Failures: one.Failures, Until: one.Until})
		}
	}
	return out, nil
}

// left is what a deletion removed, or would remove.
type left struct {
	ID      string       `json:"id"`
	Gone    bool         `json:"gone"`
	Removed []held.Count `json:"removed"`
	// Stays are what is left on purpose, and why.
	Stays []held.LeftOut `json:"stays"`
}

// preview counts.
func (a persons) preview(ctx context.Context, id string) (any, error) {
	out := left{ID: id, Stays: held.Stays()}
	err := a.keep(func(k *held.Keeper) error {
		if k == nil {
			return errInMemory
		}
		p, err := k.Find(ctx, id)
		if err != nil {
			return err
		}
		out.Gone = p.Gone
		if out.Removed, err = k.Counts(ctx, p); err != nil {
			return err
		}
		if counted, err := a.attempts(ctx, append([]string{p.ID}, p.Names...)); err == nil && len(counted) > 0 {
			out.Removed = append(out.Removed, held.Count{Kind: countedKind, Rows: len(counted)})
		}
		return nil
	})
	return out, err
}

var errInMemory = errors.New("the databases are in memory")

// erase removes a person: first what opens doors, then what they left behind, then the account, by which they can be
// found again if anything fails, and last what came meanwhile (docs/adr/0031-leaving.md).
func (a persons) erase(ctx context.Context, id string) (any, error) {
	found, err := a.preview(ctx, id)
	if err != nil {
		return nil, err
	}
	out, _ := found.(left)
	var p held.Person
	if err := a.keep(func(k *held.Keeper) error { p, err = k.Find(ctx, id); return err }); err != nil {
		return nil, err
	}
	if out.Gone && len(out.Removed) == 0 {
		return nil, &identity.Error{Code: identity.NotFound}
	}
	people := kratos.NewClient(a.pair.toKratos, a.pair.toKratosAdmin)
	oauth2 := a.pair.hydra
	steps := []func() error{
		func() error { return oauth2.EndEverything(ctx, id) },
		func() error { return a.removeTraces(ctx, p) },
		func() error {
			if err := people.DeleteIdentity(ctx, id); !isNotFound(err) {
				return err
			}
			return nil
		},
		// Once more, for what came between the two.
		func() error { return oauth2.EndEverything(ctx, id) },
		func() error { return a.removeTraces(ctx, p) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	out.Gone = true
	return out, nil
}

func isNotFound(err error) bool {
	var e *identity.Error
	return errors.As(err, &e) && e.Code == identity.NotFound
}
