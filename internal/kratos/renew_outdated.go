package kratos

import (
	"context"
	"encoding/base64"
	"strings"
)

// recipe is how a password is hashed. Passes are the cost of bcrypt, whose memory and lengths nobody chooses.
type recipe struct{ memory, passes, salt, key int }

// todays is how passwords are hashed now.
type todays struct {
	bcrypt bool
	recipe
}

func (e *Engine) todays(ctx context.Context) todays {
	c := e.registry.Config()
	if c.HasherPasswordHashingAlgorithm(ctx) == "bcrypt" {
		return todays{bcrypt: true, recipe: recipe{passes: int(c.HasherBcrypt(ctx).Cost)}}
	}
	a := c.HasherArgon2(ctx)
	return todays{recipe: recipe{
		memory: int(a.Memory >> 10), passes: int(a.Iterations), salt: int(a.SaltLength), key: int(a.KeyLength),
	}}
}

// outdated reports whether a stored hash falls behind today's settings: in one respect at least, and surpasses
// them in none. One of more memory and fewer passes is as good as another, and stays; so does one that is
// stronger. How many lanes there are says nothing.
//
// One of another algorithm than today's came by an import, or was made under other settings. Only argon2id, bcrypt
// today, and scrypt are kept from becoming a bcrypt: they take memory, which it does not.
func outdated(stored string, now todays) bool {
	parts := strings.Split(stored, "$")
	kind := at(parts, 1)
	if now.bcrypt {
		switch {
		case strings.HasPrefix(kind, "2"):
			var cost int
			scan(at(parts, 2), "%d", &cost)
			return cost > 0 && cost < now.passes
		case kind == "argon2id", kind == "argon2i", kind == "scrypt", kind == "firescrypt":
			return false
		}
		return true
	}
	if kind != "argon2id" {
		return true
	}
	var was recipe
	var lanes int
	scan(at(parts, 3), "m=%d,t=%d,p=%d", &was.memory, &was.passes, &lanes)
	was.salt, was.key = bytesOf(at(parts, 4)), bytesOf(at(parts, 5))
	if was.memory == 0 || was.passes == 0 {
		return false // it cannot be read, and nobody signs in with it
	}
	more := was.memory > now.memory || was.passes > now.passes || was.salt > now.salt || was.key > now.key
	return !more && was != now.recipe
}

// bytesOf is the length of what a text holds.
func bytesOf(text string) int { return base64.RawStdEncoding.DecodedLen(len(text)) }
