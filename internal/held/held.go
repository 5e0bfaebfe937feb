package held

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"example.com/identityd/internal/store"
)

// Config is what a Keeper works with.
type Config struct {
	Hydra, Kratos *sql.DB
	Dialect       store.Dialect
	// AroundHydra and AroundKratos run a write where writes go one at a time (SQLite); nil elsewhere. They report
	// false when they could not.
	AroundHydra, AroundKratos func(context.Context, func()) bool
}

// Keeper looks after what is held of people.
type Keeper struct{ cfg Config }

// New returns a Keeper.
func New(cfg Config) *Keeper { return &Keeper{cfg} }

// Count says how many rows of a kind there are.
type Count struct {
	Kind string `json:"kind"`
	Rows int    `json:"rows"`
}

// Counts returns what there is of a person, kind by kind; kinds of which there is nothing are left out.
func (k *Keeper) Counts(ctx context.Context, p Person) ([]Count, error) {
	out := []Count{}
	err := k.each(ctx, p, func(place place, rows []row) error {
		out = add(out, place.kind, len(rows))
		return nil
	})
	return out, err
}

// Records returns the rows for their person, by kind. What is secret in them is not.
func (k *Keeper) Records(ctx context.Context, p Person) (map[string][]map[string]any, error) {
	out := map[string][]map[string]any{}
	err := k.each(ctx, p, func(place place, rows []row) error {
		if place.hidden {
			return nil
		}
		for _, r := range rows {
			out[place.kind] = append(out[place.kind], r.shown(place))
		}
		return nil
	})
	return out, err
}

// Remove removes what is left of a person and returns what it removed. What the engines remove themselves (the
// account, and what hangs on it) is left to them, as long as the account is there.
func (k *Keeper) Remove(ctx context.Context, p Person) ([]Count, error) {
	out := []Count{}
	err := k.each(ctx, p, func(place place, rows []row) error {
		if place.engine || len(rows) == 0 {
			return nil
		}
		if err := k.remove(ctx, place, rows); err != nil {
			return fmt.Errorf("removing from %s: %w", place.table, err)
		}
		out = add(out, place.kind, len(rows))
		return nil
	})
	return out, err
}

func add(list []Count, kind string, rows int) []Count {
	if rows == 0 {
		return list
	}
	for i := range list {
		if list[i].Kind == kind {
			list[i].Rows += rows
			return list
		}
	}
	return append(list, Count{kind, rows})
}

// each reads every place. A table that is not there yet has nothing.
func (k *Keeper) each(ctx context.Context, p Person, f func(place, []row) error) error {
	for _, place := range places() {
		rows, err := k.rows(ctx, place, p)
		if err != nil && !store.TableMissing(unwrapped(err), k.cfg.Dialect) {
			return fmt.Errorf("reading %s: %w", place.table, err)
		}
		if err := f(place, rows); err != nil {
			return err
		}
	}
	return nil
}

func unwrapped(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}

func (k *Keeper) db(p place) *sql.DB {
	if p.in == inHydra {
		return k.cfg.Hydra
	}
	return k.cfg.Kratos
}
