package kratos

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/ory/kratos/hash"
	kidentity "github.com/ory/kratos/identity"

	"example.com/identityd/internal/ory"
)

func TestWhichHashesFallBehind(t *testing.T) {
	argon := todays{recipe: recipe{memory: 19456, passes: 2, salt: 16, key: 32}}
	bcrypt := todays{bcrypt: true, recipe: recipe{passes: 12}}
	const salt, short, key, long = "c2FsdHNhbHRzYWx0c2FsdA", "c2FsdHNhbHQ",
		"a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U", "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2VrZXlrZXlrZXlrZXlrZXlrZXlrZXlrZXlrZXlrZXlr"
	for name, of := range map[string]struct {
		stored string
		now    todays
		want   bool
	}{
		"what is made today stays":             {"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key, argon, false},
		"less memory":                          {"$argon2id$v=19$m=19455,t=2,p=1$" + salt + "$" + key, argon, true},
		"fewer passes":                         {"$argon2id$v=19$m=19456,t=1,p=1$" + salt + "$" + key, argon, true},
		"a shorter salt":                       {"$argon2id$v=19$m=19456,t=2,p=1$" + short + "$" + key, argon, true},
		"other lanes alone stay":               {"$argon2id$v=19$m=19456,t=2,p=4$" + salt + "$" + key, argon, false},
		"more memory stays":                    {"$argon2id$v=19$m=65536,t=2,p=1$" + salt + "$" + key, argon, false},
		"more passes stay":                     {"$argon2id$v=19$m=19456,t=3,p=1$" + salt + "$" + key, argon, false},
		"upstream's default stays":             {"$argon2id$v=19$m=131072,t=1,p=4$" + salt + "$" + key, argon, false},
		"less memory and more passes stay":     {"$argon2id$v=19$m=12288,t=3,p=1$" + salt + "$" + key, argon, false},
		"a longer key with less memory stays":  {"$argon2id$v=19$m=4096,t=1,p=1$" + salt + "$" + long, argon, false},
		"argon2i":                              {"$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + key, argon, true},
		"an imported bcrypt":                   {"$2a$14$abc", argon, true},
		"an imported pbkdf2":                   {"$pbkdf2-sha256$i=100000,l=32$a$b", argon, true},
		"an imported ssha":                     {"{SSHA}abcd", argon, true},
		"what cannot be read stays":            {"$argon2id$v=19$nonsense$a$b", argon, false},
		"bcrypt of a lower cost under bcrypt":  {"$2b$10$abc", bcrypt, true},
		"bcrypt of the same cost under bcrypt": {"$2a$12$abc", bcrypt, false},
		"bcrypt of a higher cost under bcrypt": {"$2a$13$abc", bcrypt, false},
		"argon2id under bcrypt stays":          {"$argon2id$v=19$m=4096,t=1,p=1$" + salt + "$" + key, bcrypt, false},
		"scrypt under bcrypt stays":            {"$scrypt$ln=16384,r=8,p=1$a$b", bcrypt, false},
		"an imported md5 under bcrypt":         {"$md5$abc", bcrypt, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := outdated(of.stored, of.now); got != of.want {
				t.Errorf("got %v, want %v for %s", got, of.want, of.stored)
			}
		})
	}
}

// cheap makes hashes cost nothing, of a recipe that the tests raise.
func cheap(memory string) func(*Config) {
	return func(c *Config) {
		c.Extra = map[string]any{"hashers": map[string]any{"argon2": map[string]any{"memory": memory, "iterations": 1}}}
	}
}

const theirPassword = "a password of theirs"

func personWithPassword(t *testing.T, e *Engine, name string) *kidentity.Identity {
	t.Helper()
	hashed, err := e.registry.Hasher(t.Context()).Generate(t.Context(), []byte(theirPassword))
	if err != nil {
		t.Fatal(err)
	}
	i := kidentity.NewIdentity("username@1")
	i.Traits = kidentity.Traits(`{"username":"` + name + `"}`)
	setPassword(t, i, name, hashed)
	if err := e.registry.Persister().CreateIdentity(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	return found(t, e, name)
}

func setPassword(t *testing.T, i *kidentity.Identity, name string, hashed []byte) {
	t.Helper()
	err := i.SetCredentialsWithConfig(kidentity.CredentialsTypePassword, kidentity.Credentials{Identifiers: []string{name}},
		kidentity.CredentialsPassword{HashedPassword: string(hashed)})
	if err != nil {
		t.Fatal(err)
	}
}

func found(t *testing.T, e *Engine, name string) *kidentity.Identity {
	t.Helper()
	i, _, err := e.registry.Persister().FindByCredentialsIdentifier(t.Context(), kidentity.CredentialsTypePassword, name)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestAPasswordIsHashedAnew(t *testing.T) {
	ory.WatchHashes()
	onDatabases(t, func(t *testing.T, open func(func(*Config)) *Engine) {
		old := open(cheap("128KB"))
		now := open(cheap("256KB"))

		t.Run("under the settings of today, and nothing else of the person changes", func(t *testing.T) {
			before := personWithPassword(t, old, "ada")
			was := hashOf(before)
			got, err := now.renew(t.Context(), found(t, now, "ada"), []byte(theirPassword))
			if err != nil || !got {
				t.Fatalf("got %v, %v, want a new hash", got, err)
			}
			after := found(t, now, "ada")
			if err := hash.Compare(t.Context(), []byte(theirPassword), hashOf(after)); err != nil || outdated(string(hashOf(after)), now.todays(t.Context())) {
				t.Errorf("got %s (%v), want a hash of today's of the same password", hashOf(after), err)
			}
			if string(was) == string(hashOf(after)) {
				t.Error("the hash is the one from before")
			}
			// Everything but the hash is as it was, the dates and the ids among it.
			setConfig(before, after)
			alike(t, "the person", after, before, nil, nil)
			if got, err := now.renew(t.Context(), found(t, now, "ada"), []byte(theirPassword)); err != nil || got {
				t.Errorf("the second time: got %v, %v, want nothing to do", got, err)
			}
		})
		t.Run("never with lesser settings", func(t *testing.T) {
			personWithPassword(t, now, "bea")
			if got, err := old.renew(t.Context(), found(t, old, "bea"), []byte(theirPassword)); err != nil || got {
				t.Errorf("got %v, %v, want the stronger hash to stay", got, err)
			}
		})
		t.Run("never of another password than the one that fits", func(t *testing.T) {
			i := personWithPassword(t, old, "carl")
			if got, err := now.renew(t.Context(), i, []byte("another")); err != nil || got {
				t.Errorf("got %v, %v, want nothing", got, err)
			}
		})
		t.Run("not where the password was changed since it was compared", func(t *testing.T) {
			read := personWithPassword(t, old, "dora")
			changed := found(t, old, "dora")
			other, err := old.registry.Hasher(t.Context()).Generate(t.Context(), []byte("the new one"))
			if err != nil {
				t.Fatal(err)
			}
			setPassword(t, changed, "dora", other)
			if err := old.registry.Persister().UpdateIdentity(t.Context(), changed); err != nil {
				t.Fatal(err)
			}
			if got, err := now.renew(t.Context(), read, []byte(theirPassword)); err != nil || got {
				t.Errorf("got %v, %v, want the changed password to stay", got, err)
			}
			if got := hashOf(found(t, now, "dora")); string(got) != string(other) {
				t.Errorf("got %s, want %s", got, other)
			}
		})
		t.Run("beside a change of the password, which wins each time", func(t *testing.T) {
			for round := range 8 {
				name := fmt.Sprintf("eve%d", round)
				read := personWithPassword(t, old, name)
				changed := found(t, old, name)
				other, err := old.registry.Hasher(t.Context()).Generate(t.Context(), []byte("the new one"))
				if err != nil {
					t.Fatal(err)
				}
				setPassword(t, changed, name, other)
				var all sync.WaitGroup
				for range 2 { // two sign-ins, as they read the person before
					all.Go(func() {
						now.Alone(context.Background(), func() {
							if _, err := now.renew(context.Background(), copied(read), []byte(theirPassword)); err != nil {
								t.Error(err)
							}
						})
					})
				}
				all.Go(func() {
					// SQLite has one writer, which the engine of a process sees to (docs/ory-quirks.md#q24).
					now.Alone(context.Background(), func() {
						if err := now.registry.Persister().UpdateIdentity(context.Background(), changed); err != nil {
							t.Error(err)
						}
					})
				})
				all.Wait()
				if got := hashOf(found(t, now, name)); string(got) != string(other) {
					t.Fatalf("round %d: got %s, want the password that was chosen, %s", round, got, other)
				}
			}
		})
	})
}

// setConfig gives a person the stored password of another.
func setConfig(to, from *kidentity.Identity) {
	c, _ := to.GetCredentials(kidentity.CredentialsTypePassword)
	f, _ := from.GetCredentials(kidentity.CredentialsTypePassword)
	c.Config = f.Config
	to.SetCredentials(kidentity.CredentialsTypePassword, *c)
}

// copied is a person that another goroutine may change.
func copied(i *kidentity.Identity) *kidentity.Identity {
	out := kidentity.NewIdentity(i.SchemaID)
	out.ID = i.ID
	for kind, c := range i.Credentials {
		c.Config = slices.Clone(c.Config)
		out.SetCredentials(kind, c)
	}
	return out
}
