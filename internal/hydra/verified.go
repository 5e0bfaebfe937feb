package hydra

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/ory/fosite"
)

// How many matches of a secret and a stored hash are remembered, some hundred bytes each, and for how long.
const (
	verifiedSecrets = 20_000
	verifiedFor     = time.Hour
)

// verified is a hasher that remembers which secret matched which stored hash, so that the slow hash is paid
// once for each client and not for each token (docs/adr/0049-verified-secrets.md). Only matches are
// remembered, so that a wrong secret costs the whole hash each time; and the stored hash, which the caller has
// just read, is part of what is remembered: a secret that was changed, here or anywhere, matches another hash.
type verified struct {
	fosite.Hasher
	key     [sha256.Size]byte // of this process; it is written nowhere
	matches *lru.Cache[[sha256.Size]byte, time.Time]
	now     func() time.Time

	hits, misses atomic.Uint64
}

// newVerified puts the memory in front of a hasher.
func newVerified(h fosite.Hasher) *verified {
	v := &verified{Hasher: h, now: time.Now}
	_, _ = rand.Read(v.key[:]) // it never fails
	// The size is positive, which is all that can be wrong.
	v.matches, _ = lru.New[[sha256.Size]byte, time.Time](verifiedSecrets)
	return v
}

// Compare implements fosite.Hasher. What is looked up is a keyed digest, so that the time which that takes says
// nothing about the secrets that are remembered.
func (v *verified) Compare(ctx context.Context, hash, data []byte) error {
	id := v.digest(hash, data)
	if at, ok := v.matches.Get(id); ok {
		// A clock that was set back makes no match last longer.
		if age := v.now().Sub(at); age >= 0 && age < verifiedFor {
			v.hits.Add(1)
			return nil
		}
		v.matches.Remove(id)
	}
	v.misses.Add(1)
	if err := v.Hasher.Compare(ctx, hash, data); err != nil {
		return err
	}
	v.matches.Add(id, v.now())
	return nil
}

// digest tells pairs of a hash and a secret apart, also where the end of one is the beginning of the other.
func (v *verified) digest(hash, secret []byte) (out [sha256.Size]byte) {
	mac := hmac.New(sha256.New, v.key[:])
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(hash)))
	mac.Write(size[:])
	mac.Write(hash)
	mac.Write(secret)
	mac.Sum(out[:0])
	return out
}

// SecretStats count since the start, but for Remembered, which is of now.
type SecretStats struct {
	Hits, Misses uint64
	Remembered   int
}

// Secrets says how often a secret of a client was known to match.
func (e *Engine) Secrets() SecretStats {
	v := e.secrets
	if v == nil {
		return SecretStats{}
	}
	return SecretStats{Hits: v.hits.Load(), Misses: v.misses.Load(), Remembered: v.matches.Len()}
}
