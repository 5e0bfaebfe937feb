package hydra

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v3"
	"github.com/gofrs/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/ory/hydra/v2/aead"
	"github.com/ory/hydra/v2/jwk"
	"github.com/ory/hydra/v2/persistence"
	hx "github.com/ory/hydra/v2/x"
	"github.com/ory/x/josex"
	"github.com/ory/x/sqlcon"
)

// Sizes of what is made and remembered. 2048 bits are what RS256 needs (docs/adr/0050-signing-keys.md);
// Hydra makes 4096, whose signatures cost six times as much.
const (
	rsaBits        = 2048
	rememberedKeys = 128
)

// keyring is Hydra's manager of keys. It decrypts and parses a key once: what is remembered is keyed by the
// very text in the database, and the secrets of a process do not change while it runs, so that it is exact
// on all replicas. Which keys there are is read each time (docs/ory-quirks.md#q121).
type keyring struct {
	jwk.Manager
	persister persistence.Persister
	cipher    *aead.AESGCM
	parsed    *lru.Cache[string, *jose.JSONWebKey]

	// alone says that no other process writes: rows are then read again only after a change in this one.
	alone bool
	mu    sync.Mutex
	turn  int
	known map[string][]keyRow
}

// keyRow is what matters of a row of hydra_jwk.
type keyRow struct {
	Set    string `db:"sid"`
	ID     string `db:"kid"`
	Sealed string `db:"keydata"`
}

func newKeyring(m jwk.Manager, p persistence.Persister, cipher *aead.AESGCM, alone bool) (*keyring, error) {
	parsed, err := lru.New[string, *jose.JSONWebKey](rememberedKeys)
	if err != nil {
		return nil, fmt.Errorf("making room for keys: %w", err)
	}
	return &keyring{Manager: m, persister: p, cipher: cipher, parsed: parsed, alone: alone, known: map[string][]keyRow{}}, nil
}

// signs reports whether this process signs with the keys of a set. The others are those of applications.
func signs(set string) bool { return set == hx.OpenIDConnectKeyName || set == hx.OAuth2JWTKeyName }

// rows reads sets in one statement: set by set in this order, in each the newest key first as upstream has it
// (hydra: persistence/sql/persister_jwk.go).
func (k *keyring) rows(ctx context.Context, sets ...string) ([]keyRow, error) {
	k.mu.Lock()
	turn, known := k.turn, k.known[strings.Join(sets, " ")]
	k.mu.Unlock()
	if known != nil {
		return known, nil
	}
	args := []any{k.persister.NetworkID(ctx)}
	var marks []string
	for _, set := range sets {
		args = append(args, set)
		marks = append(marks, "$"+strconv.Itoa(len(args)))
	}
	var rows []keyRow
	err := k.persister.Connection(ctx).Store.SelectContext(ctx, &rows,
		"SELECT sid, kid, keydata FROM hydra_jwk WHERE nid = $1 AND sid IN ("+strings.Join(marks, ", ")+") ORDER BY created_at DESC, pk", args...)
	if err != nil {
		return nil, sqlcon.HandleError(err)
	}
	slices.SortStableFunc(rows, func(a, b keyRow) int {
		return cmp.Compare(slices.Index(sets, a.Set), slices.Index(sets, b.Set))
	})
	k.mu.Lock()
	defer k.mu.Unlock()
	// What was read before a change is not kept after it, and only what this process signs with is kept.
	if k.alone && k.turn == turn && len(rows) > 0 && !slices.ContainsFunc(sets, func(set string) bool { return !signs(set) }) {
		k.known[strings.Join(sets, " ")] = rows
	}
	return rows, nil
}

// changed forgets which keys there are.
func (k *keyring) changed() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.turn++
	clear(k.known)
}

// open decrypts and parses a key, or remembers it.
func (k *keyring) open(ctx context.Context, row keyRow) (*jose.JSONWebKey, error) {
	if key, ok := k.parsed.Get(row.Sealed); ok {
		return key, nil
	}
	plain, err := k.cipher.Decrypt(ctx, row.Sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("decrypting a key of %s: %w", row.Set, err)
	}
	var key jose.JSONWebKey
	if err := json.Unmarshal(plain, &key); err != nil {
		// Without the cause, which may show what it could not read.
		return nil, fmt.Errorf("parsing a key of %s failed", row.Set)
	}
	k.parsed.Add(row.Sealed, &key)
	return &key, nil
}

// keys are those of a set, none where there is no set.
func (k *keyring) keys(ctx context.Context, set string) ([]jose.JSONWebKey, error) {
	rows, err := k.rows(ctx, set)
	if err != nil {
		return nil, err
	}
	return k.openAll(ctx, rows)
}

func (k *keyring) openAll(ctx context.Context, rows []keyRow) ([]jose.JSONWebKey, error) {
	out := make([]jose.JSONWebKey, 0, len(rows))
	for _, row := range rows {
		key, err := k.open(ctx, row)
		if err != nil {
			return nil, err
		}
		out = append(out, *key)
	}
	return out, nil
}

// GetKeySet implements jwk.Manager.
func (k *keyring) GetKeySet(ctx context.Context, set string) (*jose.JSONWebKeySet, error) {
	keys, err := k.keys(ctx, set)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("reading the keys of %s: %w", set, hx.ErrNotFound)
	}
	return &jose.JSONWebKeySet{Keys: keys}, nil
}

// GenerateAndPersistKeySet implements jwk.Manager. RSA keys of ours are made here; what applications keep in
// sets of their own is as upstream makes it.
func (k *keyring) GenerateAndPersistKeySet(ctx context.Context, set, kid, alg, use string) (*jose.JSONWebKeySet, error) {
	defer k.changed()
	if !signs(set) || !slices.Contains([]string{"RS256", "RS384", "RS512"}, alg) {
		return k.Manager.GenerateAndPersistKeySet(ctx, set, kid, alg, use)
	}
	_, private, err := josex.NewSigningKey(jose.SignatureAlgorithm(alg), rsaBits)
	if err != nil {
		return nil, fmt.Errorf("making a key for %s: %w", alg, err)
	}
	if kid == "" {
		kid = uuid.Must(uuid.NewV4()).String()
	}
	if use == "" {
		use = "sig"
	}
	keys := &jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Algorithm: alg, Key: private, KeyID: kid, Use: use}}}
	if err := k.Manager.AddKeySet(ctx, set, keys); err != nil {
		return nil, err
	}
	return keys, nil
}

// AddKey implements jwk.Manager.
func (k *keyring) AddKey(ctx context.Context, set string, key *jose.JSONWebKey) error {
	defer k.changed()
	return k.Manager.AddKey(ctx, set, key)
}

// AddKeySet implements jwk.Manager.
func (k *keyring) AddKeySet(ctx context.Context, set string, keys *jose.JSONWebKeySet) error {
	defer k.changed()
	return k.Manager.AddKeySet(ctx, set, keys)
}

// UpdateKey implements jwk.Manager.
func (k *keyring) UpdateKey(ctx context.Context, set string, key *jose.JSONWebKey) error {
	defer k.changed()
	return k.Manager.UpdateKey(ctx, set, key)
}

// UpdateKeySet implements jwk.Manager.
func (k *keyring) UpdateKeySet(ctx context.Context, set string, keys *jose.JSONWebKeySet) error {
	defer k.changed()
	return k.Manager.UpdateKeySet(ctx, set, keys)
}

// DeleteKey implements jwk.Manager.
func (k *keyring) DeleteKey(ctx context.Context, set, kid string) error {
	defer k.changed()
	return k.Manager.DeleteKey(ctx, set, kid)
}

// DeleteKeySet implements jwk.Manager.
func (k *keyring) DeleteKeySet(ctx context.Context, set string) error {
	defer k.changed()
	return k.Manager.DeleteKeySet(ctx, set)
}
