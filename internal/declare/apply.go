package declare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// ErrNotFound is the answer of Clients for an id that the server does not know.
var ErrNotFound = errors.New("no such OAuth2 client")

// ErrExists is the answer of Create for an id that is taken.
var ErrExists = errors.New("an OAuth2 client with this id exists")

// Registered is a client as the server holds it.
type Registered struct {
	ID        string
	Metadata  json.RawMessage
	CreatedAt time.Time
}

// Clients is the server's registry.
type Clients interface {
	// Get returns a client, or ErrNotFound.
	Get(ctx context.Context, id string) (*Registered, error)
	// Create makes a client, or returns ErrExists.
	Create(ctx context.Context, client Client, metadata json.RawMessage) error
	// Update replaces a client, or returns ErrNotFound. With an empty secret the old one stays.
	Update(ctx context.Context, was Registered, client Client, metadata json.RawMessage) error
}

const shortestKey = 32

// Apply creates the clients that are missing and updates those that the file made from other words.
// An unchanged client costs one read. Clients that the file did not make are never touched: one that
// has the id of a declared one is an error. Nothing is ever deleted.
//
// What is impossible to declare is refused before anything is written; afterwards one client's
// failure does not keep the others from being applied, and all failures are joined. The key, of 32
// bytes or more, must be the same on every replica and be used for nothing else. Under older keys a client is
// unchanged as well: replicas in the middle of a rotation would otherwise update each other's in turn.
func Apply(ctx context.Context, log *slog.Logger, api Clients, want []Client, key []byte, older ...[]byte) error {
	keys := append([][]byte{key}, older...)
	for _, k := range keys {
		if len(k) < shortestKey {
			return fmt.Errorf("declaring OAuth2 clients: the key has %d bytes, want at least %d", len(k), shortestKey)
		}
	}
	if err := checkAll(want); err != nil {
		return err
	}
	a := applier{log: log, api: api, keys: keys}
	var failures []error
	for _, c := range want {
		if err := a.apply(ctx, c); err != nil {
			failures = append(failures, err)
		}
		// The rest would only repeat that there is no time left.
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failures...)
}

func checkAll(want []Client) error {
	var failures []error
	seen := map[string]bool{}
	for _, c := range want {
		if err := c.check(); err != nil {
			failures = append(failures, err)
		} else if seen[c.ID] {
			failures = append(failures, fmt.Errorf("OAuth2 client %q: declared twice; ids are unique", c.ID))
		}
		seen[c.ID] = true
	}
	return errors.Join(failures...)
}

type applier struct {
	log  *slog.Logger
	api  Clients
	keys [][]byte
}

// attempts bounds how often a client is read again because another replica was quicker.
const attempts = 3

func (a applier) apply(ctx context.Context, c Client) error {
	var sums []string
	for _, key := range a.keys {
		sum, err := digest(c, key)
		if err != nil {
			return err
		}
		sums = append(sums, sum)
	}
	var err error
	for range attempts {
		err = a.once(ctx, c, sums)
		if !errors.Is(err, ErrExists) && !errors.Is(err, ErrNotFound) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("OAuth2 client %q: %w", c.ID, err)
	}
	return nil
}

func (a applier) once(ctx context.Context, c Client, sums []string) error {
	found, err := a.api.Get(ctx, c.ID)
	if errors.Is(err, ErrNotFound) {
		return a.create(ctx, c, sums[0])
	}
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	switch m := markOf(found.Metadata); {
	case m.Owner == "":
		return errors.New("it exists already and was not made by this file, so it is left as it is; " +
			"give the client in the file another id, or delete the existing one")
	case m.Owner != owner:
		return fmt.Errorf("it exists already and belongs to %q, so it is left as it is; "+
			"give the client in the file another id, or delete the existing one", shorten(m.Owner))
	case slices.Contains(sums, m.Digest):
		return nil
	}
	return a.update(ctx, *found, c, sums[0])
}

func (a applier) create(ctx context.Context, c Client, sum string) error {
	metadata, err := marked(nil, sum)
	if err != nil {
		return err
	}
	if err := a.api.Create(ctx, c, metadata); err != nil {
		return fmt.Errorf("creating: %w", err)
	}
	a.log.InfoContext(ctx, "oauth2 client created", "client_id", c.ID)
	return nil
}

func (a applier) update(ctx context.Context, found Registered, c Client, sum string) error {
	metadata, err := marked(found.Metadata, sum)
	if err != nil {
		return err
	}
	if err := a.api.Update(ctx, found, c, metadata); err != nil {
		return fmt.Errorf("updating: %w", err)
	}
	a.log.InfoContext(ctx, "oauth2 client updated", "client_id", c.ID)
	return nil
}
