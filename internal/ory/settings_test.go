package ory

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExplainSettings(t *testing.T) {
	t.Run("each violation is a line in the words of stack.yaml", func(t *testing.T) {
		err := ExplainSettings("kratos", errors.New(
			"I[#] S[#] validation failed\n"+
				"  I[#/selfservice/flows/login/lifespan] S[#/properties/x] does not match pattern \"^s$\"\n"+
				"  I[#/session] S[#/y] additionalProperties \"liefspan\" not allowed"))
		want := []string{
			`kratos.selfservice.flows.login.lifespan: does not match pattern "^s$"`,
			`kratos.session: additionalProperties "liefspan" not allowed`,
		}
		var got *SettingsError
		if !errors.As(err, &got) {
			t.Fatalf("got %v", err)
		}
		if diff := cmp.Diff(want, got.Problems); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("anything else stays as it is", func(t *testing.T) {
		in := errors.New("dial tcp: refused")
		if got := ExplainSettings("hydra", in); !errors.Is(got, in) {
			t.Errorf("got %v", got)
		}
	})
}
