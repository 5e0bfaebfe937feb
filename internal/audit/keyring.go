package audit

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// dayPrefix begins the names of keys that are nobody's: one for each day, for what is known of strangers and
// of administrators. They go with the retention.
const dayPrefix = "day:"

// Keyring has the keys that personal fields are sealed with: one for each person, so that to erase a person
// is to erase a key.
type Keyring struct {
	db    *sql.DB
	wraps [][]byte
	ids   []string

	mu    sync.Mutex
	known map[string]*sealer // nil: erased, or wrapped by a secret that is gone
	gone  map[string]bool    // those wrapped by a secret that is gone
}

// maxKnown bounds the keys in memory.
const maxKnown = 4096

// NewKeyring returns one. The first of the wraps wraps new keys.
func NewKeyring(db *sql.DB, wraps [][]byte) *Keyring {
	k := &Keyring{db: db, wraps: wraps, known: map[string]*sealer{}, gone: map[string]bool{}}
	for _, w := range wraps {
		k.ids = append(k.ids, wrapID(w))
	}
	return k
}

// nameFor says which key seals what is personal in an entry: the subject's, unless an administrator acts, whose
// address is not the subject's; the day's elsewhere. Empty where nothing is.
func (k *Keyring) nameFor(n entry) string {
	if len(k.wraps) == 0 || (personal{Address: n.Address, Agent: n.Agent}).empty() {
		return ""
	}
	ours := strings.HasPrefix(n.Actor, ActorAdmin) || strings.HasPrefix(n.Actor, ActorCommand)
	if n.Subject != "" && !ours && len(n.Subject) <= most {
		return n.Subject
	}
	return k.day(n.at)
}

// day has the id of the secret in it, so that one that was replaced within the day is no obstacle.
func (k *Keyring) day(at time.Time) string {
	return dayPrefix + at.UTC().Format(time.DateOnly) + ":" + k.ids[0]
}

// forSealing returns the keys, and makes those that are missing.
func (k *Keyring) forSealing(ctx context.Context, names []string, now time.Time) (map[string]*sealer, error) {
	out, missing := k.cached(names)
	if len(missing) == 0 {
		return out, nil
	}
	found, err := k.read(ctx, missing)
	if err != nil {
		return nil, err
	}
	var made []string
	for _, name := range missing {
		if _, ok := found[name]; ok {
			continue
		}
		text, err := wrapped(k.wraps[0], newKey(), name)
		if err != nil {
			return nil, err
		}
		// Another process may be making the same one; what is in the table afterwards counts.
		_, err = k.db.ExecContext(ctx, `INSERT INTO identityd_audit_key (name, wrapped, wrap_id, made_ms) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO NOTHING`, name, text, k.ids[0], now.UnixMilli())
		if err != nil {
			return nil, fmt.Errorf("making a key of the audit trail: %w", err)
		}
		made = append(made, name)
	}
	if len(made) > 0 {
		fresh, err := k.read(ctx, made)
		if err != nil {
			return nil, err
		}
		for name, s := range fresh {
			found[name] = s
		}
	}
	k.remember(found)
	for name, s := range found {
		out[name] = s
	}
	return out, nil
}

func (k *Keyring) cached(names []string) (have map[string]*sealer, missing []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	have = map[string]*sealer{}
	for _, name := range names {
		if name == "" {
			continue
		}
		s, ok := k.known[name]
		switch {
		case ok:
			have[name] = s
		case !slices.Contains(missing, name):
			missing = append(missing, name)
		}
	}
	return have, missing
}

func (k *Keyring) remember(found map[string]*sealer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.known)+len(found) > maxKnown {
		clear(k.known)
	}
	for name, s := range found {
		k.known[name] = s
	}
}

func (k *Keyring) lock(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.gone) > maxKnown {
		clear(k.gone)
	}
	k.gone[name] = true
}

// instead replaces the names of keys that were wrapped by a secret that nobody has any longer by those of
// second ones, and reports whether there were any.
func (k *Keyring) instead(names []string) (any bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, name := range names {
		if k.gone[name] {
			names[i], any = name+secondMark+k.ids[0], true
		}
	}
	return any
}

// secondMark is between the id of a person and that of the secret in the name of a second key.
const secondMark = "#"

func (k *Keyring) forget(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.known, name)
}

// perRead is how many keys one statement asks for.
const perRead = 200

func (k *Keyring) read(ctx context.Context, names []string) (map[string]*sealer, error) {
	out := map[string]*sealer{}
	for part := range slices.Chunk(names, perRead) {
		if err := k.readPart(ctx, part, out); err != nil {
			return nil, fmt.Errorf("reading keys of the audit trail: %w", err)
		}
	}
	return out, nil
}

func (k *Keyring) readPart(ctx context.Context, names []string, into map[string]*sealer) error {
	args := make([]any, len(names))
	marks := make([]string, len(names))
	for i, name := range names {
		args[i], marks[i] = name, "$"+strconv.Itoa(i+1)
	}
	rows, err := k.db.QueryContext(ctx,
		"SELECT name, wrapped, wrap_id FROM identityd_audit_key WHERE name IN ("+strings.Join(marks, ", ")+")", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, text, id string
		if err := rows.Scan(&name, &text, &id); err != nil {
			return err
		}
		into[name] = nil
		i := slices.Index(k.ids, id)
		if text != "" && i < 0 {
			k.lock(name)
		}
		if text == "" || i < 0 {
			continue
		}
		key, err := unwrapped(k.wraps[i], text, name)
		if err != nil {
			continue // what it sealed cannot be read; the chain does not need it
		}
		if into[name], err = newSealer(key); err != nil {
			return err
		}
	}
	return rows.Err()
}

// seconds are the names that second keys of a person may have.
func (k *Keyring) seconds(person string) []string {
	var out []string
	for _, id := range k.ids {
		out = append(out, person+secondMark+id)
	}
	return out
}

// oldKey is a key that an older secret wraps.
type oldKey struct {
	name, id string
	key      []byte
}

// older returns keys that an older secret wraps which is still there.
func (k *Keyring) older(ctx context.Context) ([]oldKey, error) {
	if len(k.ids) < 2 {
		return nil, nil
	}
	rows, err := k.db.QueryContext(ctx, "SELECT name, wrapped, wrap_id FROM identityd_audit_key WHERE wrapped <> '' AND wrap_id <> $1", k.ids[0])
	if err != nil {
		return nil, fmt.Errorf("reading keys of the audit trail: %w", err)
	}
	defer rows.Close()
	var out []oldKey
	for rows.Next() {
		var (
			text string
			one  oldKey
		)
		if err := rows.Scan(&one.name, &text, &one.id); err != nil {
			return nil, fmt.Errorf("reading keys of the audit trail: %w", err)
		}
		if i := slices.Index(k.ids, one.id); i >= 0 {
			if one.key, err = unwrapped(k.wraps[i], text, one.name); err == nil {
				out = append(out, one)
			}
		}
	}
	return out, rows.Err()
}

// Wrapped counts the keys by the secret that wraps them, as WrapIDs names it.
func Wrapped(ctx context.Context, db *sql.DB) (map[string]int64, error) {
	rows, err := db.QueryContext(ctx, "SELECT wrap_id, count(*) FROM identityd_audit_key WHERE wrapped <> '' GROUP BY wrap_id")
	if err != nil {
		return nil, fmt.Errorf("counting keys of the audit trail: %w", err)
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var (
			id string
			n  int64
		)
		if err := rows.Scan(&id, &n); err != nil {
			return nil, fmt.Errorf("counting keys of the audit trail: %w", err)
		}
		out[id] = n
	}
	return out, rows.Err()
}

// WrapID is how Wrapped names the key that Wrap returns.
func WrapID(wrap []byte) string { return wrapID(wrap) }
