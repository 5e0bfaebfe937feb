package side

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheEnginesAreThoseOfTheProduct: a difference in any module that both sides link would be measured as one of the set-ups.
func TestTheEnginesAreThoseOfTheProduct(t *testing.T) {
	ours, bench := versions(t, filepath.Join("..", "..", "go.mod")), versions(t, filepath.Join("..", "go.mod"))
	compared := 0
	for module, version := range ours {
		if other, both := bench[module]; both {
			compared++
			if replaced, held := strings.CutPrefix(bench[module+" =>"], module+" "); held && ours[module+" =>"] == "" {
				other = replaced // something of the bench's own asks for a newer one
			}
			if other != version {
				t.Errorf("%s: the bench has %s, the product %s: write that into bench/go.mod", module, other, version)
			}
		}
	}
	for _, module := range []string{"github.com/ory/hydra/v2", "github.com/ory/kratos", "github.com/ory/x =>", "github.com/gobuffalo/pop/v6 =>"} {
		if ours[module] == "" || bench[module] == "" {
			t.Errorf("%s: the bench has %q, the product %q", module, bench[module], ours[module])
		}
	}
	if compared < 50 {
		t.Errorf("compared %d modules, which is not what both link", compared)
	}
}

// versions reads requirements, and replacements under their name with an arrow.
func versions(t *testing.T, file string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]string)
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+ =>|\S+) (v\S+|github\.com/\S+ v\S+)`).FindAllStringSubmatch(string(raw), -1) {
		out[m[1]] = m[2]
	}
	return out
}
