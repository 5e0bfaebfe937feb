package hydra

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"example.com/identityd/internal/identity"
)

// before are secrets of before, in a database that may be away.
type before struct {
	Replaced
	hash string
	err  error
}

func (b *before) Beside(context.Context, string) (identity.ReplacedSecret, bool, error) {
	return identity.ReplacedSecret{Client: "app", Hash: b.hash}, b.hash != "", b.err
}

func TestASecretOfBefore(t *testing.T) {
	now, below, rows := time.Now(), &plain{}, &before{hash: "h:old"}
	memory := newVerified(below)
	memory.now = func() time.Time { return now }
	s := &secondSecrets{Hasher: memory, memory: memory, replaced: rows, log: slog.New(slog.DiscardHandler)}
	ask := func(secret string) error { return s.Compare(t.Context(), []byte("h:new"), []byte(secret)) }
	for _, secret := range []string{"new", "old", "old"} {
		if err := ask(secret); err != nil {
			t.Fatalf("%s: %v", secret, err)
		}
	}
	if err := ask("wrong"); !errors.Is(err, errNoSecret) {
		t.Errorf("a wrong one: got %v", err)
	}
	t.Run("costs a slow hash again when it is too old", func(t *testing.T) {
		now = now.Add(verifiedFor)
		was := below.compared
		if err := ask("old"); err != nil || below.compared < was+2 {
			t.Errorf("got %v after %d comparisons", err, below.compared-was)
		}
	})
	t.Run("is refused by nobody while the database is away", func(t *testing.T) {
		rows.err = errWrong
		if err := ask("old"); !errors.Is(err, errWrong) {
			t.Errorf("got %v, want what the database said", err)
		}
		rows.err = nil
	})
	t.Run("is over when its grace is ended anywhere", func(t *testing.T) {
		rows.hash = ""
		if err := ask("old"); !errors.Is(err, errNoSecret) {
			t.Errorf("got %v", err)
		}
	})
}
