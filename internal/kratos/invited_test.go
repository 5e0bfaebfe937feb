package kratos

import (
	"context"
	"errors"
	"testing"

	"github.com/ory/herodot"
	kidentity "github.com/ory/kratos/identity"
	kpersistence "github.com/ory/kratos/persistence"
)

// storing counts who is stored.
type storing struct {
	kpersistence.Persister

	n int
}

func (s *storing) CreateIdentity(context.Context, *kidentity.Identity) error { s.n++; return nil }

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
