package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAFlagSaysWhatItWantsInNoWordsOfGo(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"doctor --fix=perhaps", `--fix wants true or false (got "perhaps")`},
		{"audit tail --lines x", `--lines wants a whole number (got "x")`},
		{"identity import x --batch 99999999999999999999", `--batch wants a whole number (got "99999999999999999999")`},
		{"client rotate-secret x --grace soon", `--grace wants a time such as 30s, 15m or 24h (got "soon")`},
		{"config check --config=", `--config wants the name of a file (got "")`},
	} {
		t.Run(tt.args, func(t *testing.T) {
			var stdout, stderr strings.Builder
			if got := Main(strings.Fields(tt.args), &stdout, &stderr); got != 2 {
				t.Errorf("got exit code %d, want 2", got)
			}
			first, _, _ := strings.Cut(stderr.String(), "\n")
			if diff := cmp.Diff("identityd: "+tt.want, first); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}
