package stack

import (
	"context"
	"fmt"
	"sync"

	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/store"
)

// schemaOwner is an engine as far as its tables go.
type schemaOwner interface {
	Migrations() *ory.Migrations
	Used(ctx context.Context) (bool, error)
	Tenant(ctx context.Context) (string, error)
}

// owners are the engines in the order of their migrations.
func (e engines) owners() []schemaOwner { return []schemaOwner{e.hydra, e.kratos} }

// engineName says what is applied to whose database.
const (
	ownName    = "identityd"
	hydraName  = "hydra"
	kratosName = "kratos"
)

// look is what both databases have and lack.
type look struct {
	own     store.Schema
	engines map[string]ory.SchemaState
	// used tells that a process has served from them, or somebody else's engine did.
	used bool
	// private databases are in memory: nobody else could ever migrate them.
	private bool
}

// lookAt reads; it makes nothing and needs no right but to read.
func (s *Stack) lookAt(ctx context.Context, e engines) (look, error) {
	l := look{engines: map[string]ory.SchemaState{}, private: e.turns.db == nil}
	var err error
	if e.turns.db != nil {
		if l.own, err = store.ReadSchema(ctx, e.turns.db, e.turns.dialect); err != nil {
			return look{}, err
		}
	}
	// Side by side: every start does this twice, and each is two round trips.
	owners := e.owners()
	found := make([]seen, len(owners))
	var all sync.WaitGroup
	for i, o := range owners {
		all.Go(func() { found[i] = lookAtOne(ctx, o) })
	}
	all.Wait()
	for i, o := range owners {
		if found[i].err != nil {
			return look{}, found[i].err
		}
		l.engines[o.Migrations().Engine()] = found[i].state
		l.used = l.used || found[i].used
	}
	return l, nil
}

// seen is what one of the engines' databases has.
type seen struct {
	state ory.SchemaState
	used  bool
	err   error
}

func lookAtOne(ctx context.Context, o schemaOwner) (s seen) {
	if s.state, s.err = o.Migrations().State(ctx); s.err == nil {
		s.used, s.err = o.Used(ctx)
	}
	return s
}

// pending counts what is missing, our own steps included.
func (l look) pending() int {
	n := l.own.Pending()
	for _, s := range l.engines {
		n += len(s.Pending)
	}
	return n
}

// lacks says in words fit for everybody what is missing.
func (l look) lacks() string {
	for _, name := range []string{hydraName, kratosName} {
		if n := len(l.engines[name].Pending); n > 0 {
			return fmt.Sprintf("the %s database lacks %s", name, plural(n, "migration"))
		}
	}
	return fmt.Sprintf("the kratos database lacks %s of identityd", plural(l.own.Pending(), "migration"))
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// newerError is a schema that this binary may not serve.
type newerError struct{ text string }

// Error implements error.
func (e *newerError) Error() string { return e.text }

// guard refuses databases that a newer release has changed in a way that this one would not survive.
func (l look) guard(version string) error {
	if !l.own.Admits() {
		return &newerError{fmt.Sprintf(
			"%s has migrated the databases to schema %d, which needs a release that knows schema %d; this is identityd %s, which knows %d: "+
				"use %s or newer, or restore the backup from before the upgrade",
			l.own.NewestRelease(), l.own.Version, l.own.CompatibleFrom, version, l.own.Known, l.own.NewestRelease())}
	}
	if l.own.Newer() {
		return nil // what else is new came with it
	}
	for _, name := range []string{hydraName, kratosName} {
		if n := len(l.engines[name].Newer); n > 0 {
			return &newerError{fmt.Sprintf(
				"the %s database has %s that identityd %s does not know, the last one %s, and no release has recorded that it may be served: "+
					"use the release that applied them, or restore the backup from before",
				name, plural(n, "migration"), version, l.engines[name].Newer[n-1])}
		}
	}
	return nil
}
