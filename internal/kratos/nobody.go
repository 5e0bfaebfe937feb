package kratos

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"github.com/ory/kratos/hash"
)

// argon2Version is 1.3, the only one that Kratos reads.
const argon2Version = 19

// nobodysHash is a hash as those of people are made: comparing costs what it costs with theirs. An
// argon2id hash is written, not computed, because computing one takes 50 ms and leaves its memory behind
// at every start. Its key is random; no password is known that has it.
func (e *Engine) nobodysHash(ctx context.Context) ([]byte, error) {
	hasher := e.registry.Hasher(ctx)
	if _, ok := hasher.(*hash.Argon2); !ok {
		made, err := hasher.Generate(ctx, []byte("a password of nobody's"))
		if err != nil {
			return nil, fmt.Errorf("hashing for unknown people: %w", err)
		}
		return made, nil
	}
	cost := e.registry.Config().HasherArgon2(ctx)
	salt, key := make([]byte, cost.SaltLength), make([]byte, cost.KeyLength)
	rand.Read(salt) // it never fails (crypto/rand)
	rand.Read(key)
	return fmt.Appendf(nil, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2Version,
		uint64(cost.Memory)>>10, cost.Iterations, cost.Parallelism,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}
