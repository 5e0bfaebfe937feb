package kratos

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ory/kratos/hash"
)

// shape is what a hash costs: everything but its salt and key, of which the lengths are left.
func shape(t *testing.T, raw []byte) []any {
	t.Helper()
	parts := strings.Split(string(raw), "$")
	n := len(parts)
	if n < 4 {
		t.Fatalf("got a hash of %d parts, want more", n)
	}
	return []any{parts[:n-2], len(parts[n-2]), len(parts[n-1])}
}

func TestNobodysHashCostsWhatThoseOfPeopleDo(t *testing.T) {
	for name, extra := range map[string]map[string]any{
		"by default": nil,
		"with other parameters": {"hashers": map[string]any{"argon2": map[string]any{
			"memory": "64KB", "iterations": 3, "parallelism": 2, "salt_length": 24, "key_length": 40,
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			e := opened(t, "nobody", func(c *Config) { c.Extra = extra })
			theirs, err := e.registry.Hasher(t.Context()).Generate(t.Context(), []byte("x"))
			if err != nil {
				t.Fatal(err)
			}
			ours, err := e.nobodysHash(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(shape(t, theirs), shape(t, ours)); diff != "" {
				t.Errorf("nobody's hash is told from one of a person's (-theirs +ours):\n%s", diff)
			}
			if err := hash.Compare(t.Context(), []byte("nobody's"), ours); !errors.Is(err, hash.ErrMismatchedHashAndPassword) {
				t.Errorf("got %v, want a hash that is compared and does not fit", err)
			}
		})
	}
	t.Run("with bcrypt", func(t *testing.T) {
		e := opened(t, "nobody", func(c *Config) {
			c.Extra = map[string]any{"hashers": map[string]any{"algorithm": "bcrypt", "bcrypt": map[string]any{"cost": 12}}}
		})
		ours, err := e.nobodysHash(t.Context())
		if err != nil || !hash.IsBcryptHash(ours) {
			t.Errorf("got %q and error %v, want a hash by bcrypt", ours, err)
		}
	})
}
