package hydra

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"time"

	"github.com/ory/fosite"

	"example.com/identityd/internal/identity"
)

// Replaced are secrets of clients that are honored beside those that took their place.
type Replaced interface {
	// Keep writes one down.
	Keep(ctx context.Context, s identity.ReplacedSecret) error
	// Beside returns the one that is honored beside the secret that current stands for.
	Beside(ctx context.Context, current string) (s identity.ReplacedSecret, found bool, err error)
	// End removes that of a client, and reports whether one was honored.
	End(ctx context.Context, client, current string) (was bool, err error)
}

// secondSecrets is a hasher that tries the secret of before, where one is honored, after the present one
// failed (docs/adr/0065-second-secrets.md). Who sends the present one costs nothing more; upstream has no
// second one (docs/ory-quirks.md#q180). The question goes to the database each time, so that a grace that was
// ended anywhere is over everywhere.
type secondSecrets struct {
	fosite.Hasher
	memory   *verified // nil remembers nothing
	replaced Replaced
	log      *slog.Logger
}

// Compare implements fosite.Hasher.
func (s *secondSecrets) Compare(ctx context.Context, hash, secret []byte) error {
	// That a secret is not the present one costs a slow hash, which is paid once for those that are honored.
	known := s.memory.isSecond(hash, secret)
	if !known {
		if err := s.Hasher.Compare(ctx, hash, secret); err == nil {
			return nil
		}
	}
	second, found, err := s.replaced.Beside(ctx, standsFor(hash))
	if err != nil {
		return err // what comes of a database that fails is decided outside (internal/outage)
	}
	if !found || s.Hasher.Compare(ctx, []byte(second.Hash), secret) != nil {
		return errNoSecret
	}
	if !known {
		s.memory.keepSecond(hash, secret)
		s.log.InfoContext(ctx, "a client sends its secret of before", "client_id", second.Client, "until", second.Until.Format(time.RFC3339))
	}
	return nil
}

var errNoSecret = fosite.ErrInvalidClient.WithHint("The secret is none of this client's.")

// standsFor is the stored hash of a secret as a key: it says nothing of it, and is as unique as its salt.
func standsFor(hash []byte) string {
	sum := sha256.Sum256(hash)
	return hex.EncodeToString(sum[:])
}

// isSecond reports whether a secret was found not to match a hash, and to be the second one.
func (v *verified) isSecond(hash, secret []byte) bool {
	if v == nil {
		return false
	}
	at, ok := v.matches.Get(v.digest(append([]byte("second "), hash...), secret))
	age := v.now().Sub(at)
	return ok && age >= 0 && age < verifiedFor
}

func (v *verified) keepSecond(hash, secret []byte) {
	if v != nil {
		v.matches.Add(v.digest(append([]byte("second "), hash...), secret), v.now())
	}
}

// hasher is what fosite compares the secrets of clients with.
func (e *Engine) hasher() fosite.Hasher {
	h := e.registry.ClientHasher()
	if e.secrets != nil {
		h = e.secrets
	}
	if e.cfg.Replaced == nil {
		return h
	}
	return &secondSecrets{Hasher: h, memory: e.secrets, replaced: e.cfg.Replaced, log: e.cfg.Log}
}
