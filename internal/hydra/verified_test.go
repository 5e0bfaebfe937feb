package hydra

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var errWrong = errors.New("wrong")

// plain is a hasher that counts, whose hash of a secret is the secret with a prefix.
type plain struct{ compared int }

func (p *plain) Compare(_ context.Context, hash, data []byte) error {
	p.compared++
	if !bytes.Equal(hash, append([]byte("h:"), data...)) {
		return errWrong
	}
	return nil
}

func (p *plain) Hash(_ context.Context, data []byte) ([]byte, error) {
	return append([]byte("h:"), data...), nil
}

func TestVerifiedSecrets(t *testing.T) {
	now := time.Now()
	below := &plain{}
	v := newVerified(below)
	v.now = func() time.Time { return now }
	steps := []struct {
		name         string
		hash, secret string
		passes       bool
		compared     int
		later        time.Duration
	}{
		{name: "the first time a secret is hashed", hash: "h:a", secret: "a", passes: true, compared: 1},
		{name: "the second time it is not", hash: "h:a", secret: "a", passes: true, compared: 1},
		{name: "a wrong one is hashed", hash: "h:a", secret: "b", compared: 2},
		{name: "a wrong one is hashed each time", hash: "h:a", secret: "b", compared: 3},
		{name: "the right one is still known after a wrong one", hash: "h:a", secret: "a", passes: true, compared: 3},
		{name: "what matched an old hash does not match another", hash: "h:b", secret: "a", compared: 4},
		{name: "a hash and a secret that touch elsewhere are another pair", hash: "h:", secret: "aa", compared: 5},
		{name: "just before it is forgotten it is known", hash: "h:a", secret: "a", passes: true, compared: 5, later: verifiedFor - 1},
		{name: "when it is too old it is hashed again", hash: "h:a", secret: "a", passes: true, compared: 6, later: 1},
		{name: "and known from then on", hash: "h:a", secret: "a", passes: true, compared: 6},
		{name: "a clock that went back does not make it last", hash: "h:a", secret: "a", passes: true, compared: 7, later: -time.Minute},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			now = now.Add(step.later)
			err := v.Compare(t.Context(), []byte(step.hash), []byte(step.secret))
			if got := err == nil; got != step.passes {
				t.Errorf("got %v, want it to pass: %v", err, step.passes)
			}
			if below.compared != step.compared {
				t.Errorf("got %d comparisons, want %d", below.compared, step.compared)
			}
		})
	}
	t.Run("each attempt is counted", func(t *testing.T) {
		if diff := cmp.Diff([]uint64{4, 7}, []uint64{v.hits.Load(), v.misses.Load()}); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("only so many are remembered, and no secret is among them", func(t *testing.T) {
		for i := range verifiedSecrets + 100 {
			s := strconv.Itoa(i)
			if err := v.Compare(t.Context(), []byte("h:"+s), []byte(s)); err != nil {
				t.Fatal(err)
			}
		}
		if got := v.matches.Len(); got != verifiedSecrets {
			t.Errorf("got %d, want %d", got, verifiedSecrets)
		}
		other := newVerified(below)
		if v.digest([]byte("h:a"), []byte("a")) == other.digest([]byte("h:a"), []byte("a")) {
			t.Error("two processes give a secret the same name")
		}
	})
}
