package stack

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/move"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

// CopyEvent is one step of a copy.
type CopyEvent = move.Event

// CopyVerifies is the phase in which the copy is read back.
const CopyVerifies = move.PhaseVerify

// CopySummary is what a copy did.
type CopySummary = move.Summary

// CopyOptions are what the configurations do not hold.
type CopyOptions struct {
	Options
	// WhileServing allows a source that somebody works with: what is written there meanwhile is lost.
	WhileServing bool
	// Progress is told what happens; nil tells nobody.
	Progress func(CopyEvent)
}

// ErrSourceServes is a source that is in use.
var ErrSourceServes = errors.New("the source is being served")

// Copy copies both databases of one configuration into those of another, which are made where they do
// not exist, and verifies what arrived. It may be interrupted at any point and run again. Whoever
// reads the copy needs the secrets of the source.
func Copy(ctx context.Context, from, to config.Config, opts CopyOptions) (CopySummary, error) {
	sqlseam.Register()
	source, err := resolveBoth(from)
	if err != nil {
		return CopySummary{}, fmt.Errorf("reading the source: %w", err)
	}
	target, err := resolveBoth(to)
	if err != nil {
		return CopySummary{}, fmt.Errorf("reading the target: %w", err)
	}
	if err := copyable(source, target); err != nil {
		return CopySummary{}, err
	}
	if err := sameSecrets(from, to); err != nil {
		return CopySummary{}, err
	}
	owned, err := reserve(ctx, source, target, opts.WhileServing)
	if err != nil {
		return CopySummary{}, err
	}
	defer owned.Release() //nolint:errcheck // the system lets go of them as well
	if err := upToDate(ctx, from, opts.Options); err != nil {
		return CopySummary{}, fmt.Errorf("looking at the source: %w", err)
	}
	// The target's own may not be made yet.
	to.Secrets, to.DataDir = from.Secrets, from.DataDir
	var sum CopySummary
	err = into(ctx, to, opts.Options, func(ctx context.Context) error {
		sum, err = copyAll(ctx, source, target, opts)
		return err
	})
	return sum, err
}

// both are the DSNs of an installation, Hydra's first.
type both [2]store.DSN

func resolveBoth(c config.Config) (both, error) {
	hydra, kratos, err := store.Resolve(storeSettings(c.Database, c.Region))
	return both{hydra, kratos}, err
}

func (b both) dialect() store.Dialect { return b[0].Dialect() }

// copyable refuses what cannot be meant.
func copyable(source, target both) error {
	for i, d := range source {
		switch {
		case d.Memory():
			return errors.New("the source is in memory: there is nothing to copy")
		case target[i].Memory():
			return errors.New("the target is in memory: nothing would be left of it")
		case slices.ContainsFunc(target[:], func(t store.DSN) bool { return t.String() == d.String() }):
			return fmt.Errorf("source and target are the same database, %s", d)
		case d.Dialect() == store.SQLite:
			// Opening it would make it.
			if _, err := os.Stat(d.File()); err != nil {
				return fmt.Errorf("there is no database to copy: %w", err)
			}
		}
	}
	return nil
}

// reserve keeps others off the files of both sides, and refuses what somebody works with. A source that
// is served may be read, and then it is for the caller to know what is lost.
func reserve(ctx context.Context, source, target both, whileServing bool) (*store.Owned, error) {
	all := slices.Clone(target[:])
	if !whileServing {
		all = append(all, source[:]...)
	}
	for _, d := range all {
		user, err := store.Users(ctx, d)
		switch {
		case err != nil:
			return nil, err
		case user == "":
		case slices.Contains(target[:], d):
			return nil, fmt.Errorf("the target is in use: %s; stop it", user)
		default:
			return nil, servedError(user)
		}
	}
	theirs, err := store.Own(target[:]...)
	if err != nil || whileServing {
		return theirs, err
	}
	ours, err := store.Own(source[:]...)
	var inUse *store.InUseError
	if errors.As(err, &inUse) {
		err = servedError(orElse(inUse.Owner, "another process") + " has " + inUse.Folder)
	}
	if err != nil {
		return nil, errors.Join(err, theirs.Release())
	}
	return theirs.With(ours), nil
}

func servedError(user string) error {
	return fmt.Errorf("%w: %s; stop it, or pass --while-serving and lose what is written meanwhile", ErrSourceServes, user)
}

// upToDate refuses a source that this version would migrate first.
func upToDate(ctx context.Context, cfg config.Config, opts Options) error {
	cfg.Database.Migrate = config.MigrateOff
	return job(ctx, cfg, opts, func(ctx context.Context, s *Stack, e engines) error {
		l, err := s.lookAt(ctx, e)
		if err != nil {
			return err
		}
		if err := l.guard(opts.Version); err != nil {
			return err
		}
		if l.pending() > 0 {
			return fmt.Errorf("%s; run identityd migrate on the source first", l.lacks())
		}
		return nil
	})
}

// into brings the schema of the target up and runs f, with the lease that keeps another copy out.
func into(ctx context.Context, cfg config.Config, opts Options, f func(context.Context) error) error {
	cfg.Database.Migrate = config.MigrateAuto
	return job(ctx, cfg, opts, func(ctx context.Context, s *Stack, e engines) error {
		nothing := func(context.Context) error { return nil }
		if err := s.settle(ctx, e, nothing); err != nil {
			return fmt.Errorf("preparing the target: %w", err)
		}
		return e.turns.alone(ctx, move.LeaseCopy, f)
	})
}

// whole refuses databases that are a part of what they will be.
func (t turns) whole(ctx context.Context) error {
	if t.db == nil {
		return nil
	}
	unfinished, err := move.Unfinished(ctx, t.db, t.dialect)
	if err != nil {
		return fmt.Errorf("looking for an unfinished copy: %w", err)
	}
	if unfinished {
		return errors.New("the databases hold a copy that was not finished; run the same identityd database copy again, or drop them")
	}
	return nil
}

func copyAll(ctx context.Context, source, target both, opts CopyOptions) (sum CopySummary, err error) {
	var pools []*sql.DB
	defer func() {
		for _, db := range pools {
			err = errors.Join(err, db.Close())
		}
	}()
	open := func(d store.DSN) (*sql.DB, error) {
		if d.Dialect() != store.SQLite {
			d = d.ForMigrations() // no statement is too long: one of them reads a whole table
		}
		db, err := store.Open(d, "")
		if err != nil {
			return nil, err
		}
		pools = append(pools, db)
		return db, nil
	}
	// Hydra's picture first: people who sign up between the two are then in neither, or in Kratos
	// only. The other way round there could be tokens of people who do not exist.
	o := move.Options{From: source.dialect(), To: target.dialect(), Progress: opts.Progress}
	for i, engine := range []string{"hydra", "kratos"} {
		d := move.Database{Engine: engine}
		if d.From, err = open(source[i]); err != nil {
			return sum, err
		}
		if d.To, err = open(target[i]); err != nil {
			return sum, err
		}
		o.Databases = append(o.Databases, d)
	}
	sum, err = move.Run(ctx, o)
	return sum, err
}
