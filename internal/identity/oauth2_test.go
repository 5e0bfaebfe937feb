package identity_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

func TestOnlyClaims(t *testing.T) {
	for name, tt := range map[string]struct {
		metadata string
		want     []string
	}{
		"all, without metadata":                     {"", nil},
		"all, where metadata is null":               {"null", nil},
		"all, where nothing is said of claims":      {`{"team":"a"}`, nil},
		"all, where what is said is null":           {`{"identityd_claims":null}`, nil},
		"those that are named":                      {`{"identityd_claims":["email","groups"]}`, []string{"email", "groups"}},
		"none, where the list is empty":             {`{"identityd_claims":[]}`, []string{}},
		"none, where somebody meant to narrow":      {`{"identityd_claims":"email"}`, []string{}},
		"none, where not all of the list are texts": {`{"identityd_claims":["email",5]}`, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, identity.OnlyClaims([]byte(tt.metadata))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
