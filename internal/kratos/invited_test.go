package kratos

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gobuffalo/pop/v6"
	"github.com/ory/herodot"
	kidentity "github.com/ory/kratos/identity"
	kpersistence "github.com/ory/kratos/persistence"

	"example.com/identityd/internal/identity"
)

// storing counts who is stored.
type storing struct {
	kpersistence.Persister

	n int
}

func (s *storing) CreateIdentity(context.Context, *kidentity.Identity) error { s.n++; return nil }

func (*storing) Transaction(ctx context.Context, f func(context.Context, *pop.Connection) error) error {
	return f(ctx, nil)
}

func (s *storing) CreateIdentities(_ context.Context, list ...*kidentity.Identity) error {
	s.n += len(list)
	return nil
}

// TestNobodyIsStoredWithoutAnInvitation is the lock below all methods and hooks (docs/ory-quirks.md#q200).
func TestNobodyIsStoredWithoutAnInvitation(t *testing.T) {
	for name, tt := range map[string]struct {
		byInvitation, public bool
		want                 int
	}{
		"a sign-up where it takes an invitation": {true, true, 0},
		"a sign-up where it is open":             {false, true, 2},
		"the admin API and files, always":        {true, false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			below := &storing{}
			p := invited{below, &Engine{cfg: Config{Registration: Registration{ByInvitation: tt.byInvitation}}}}
			ctx := t.Context()
			if tt.public {
				ctx = context.WithValue(ctx, joiningKey{}, &joining{})
			}
			for _, err := range []error{p.CreateIdentity(ctx, &kidentity.Identity{}), p.CreateIdentities(ctx, &kidentity.Identity{})} {
				var refused *herodot.DefaultError
				if tt.want == 0 && (!errors.As(err, &refused) || refused.ID() != invitationRequired) || tt.want > 0 && err != nil {
					t.Errorf("got error %v", err)
				}
			}
			if below.n != tt.want {
				t.Errorf("%d were stored, want %d", below.n, tt.want)
			}
		})
	}
}

// quick are invitations that somebody else may have used first.
type quick struct {
	Invitations
	won bool
}

func (q quick) Claim(func(string, ...any) (int, error), string, string, time.Time) (bool, error) {
	return q.won, nil
}

func (quick) ByID(_ context.Context, id string) (identity.Invitation, error) {
	return identity.Invitation{ID: id, Expires: time.Now().Add(time.Hour)}, nil
}

func TestOfTwoWithOneInvitationOneIsStored(t *testing.T) {
	for won, want := range map[bool]int{true: 1, false: 0} {
		below := &storing{}
		p := invited{below, &Engine{cfg: Config{Invitations: quick{won: won}}}}
		ctx := context.WithValue(t.Context(), joiningKey{}, &joining{invitation: &identity.Invitation{ID: "i"}})
		err := p.CreateIdentity(ctx, &kidentity.Identity{})
		var refused *refusal
		if below.n != want || errors.As(err, &refused) == won {
			t.Errorf("first %t: %d were stored, %v", won, below.n, err)
		}
	}
}
