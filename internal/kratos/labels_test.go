package kratos

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ory/kratos/selfservice/flow/login"
	"github.com/ory/kratos/selfservice/strategy/password"
	"github.com/ory/kratos/ui/container"
	kx "github.com/ory/kratos/x"
)

// What is begun with a label of ours has to be what upstream begins, each time.
func TestFormsAreAsUpstreamBeginsThem(t *testing.T) {
	for name, raw := range map[string]string{
		"with an address":      `{"type":"object","properties":{"traits":{"type":"object","properties":{"email":{"type":"string","title":"Mail of work","ory.sh/kratos":{"credentials":{"password":{"identifier":true}}}}}}}}`,
		"with two names":       `{"type":"object","properties":{"traits":{"type":"object","properties":{"a":{"type":"string","title":"A","ory.sh/kratos":{"credentials":{"password":{"identifier":true}}}},"b":{"type":"string","title":"B","ory.sh/kratos":{"credentials":{"password":{"identifier":true}}}}}}}}`,
		"with nothing to name": `{"type":"object","properties":{"traits":{"type":"object","properties":{"x":{"type":"string"}}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			e := opened(t, "labels", func(c *Config) { c.Schemas = []Schema{{ID: "email@1", Raw: []byte(raw)}} })
			e.registry.WithCSRFTokenGenerator(kx.FakeCSRFTokenGenerator)
			theirs := password.NewStrategy(e.registry)
			ours := newLabeled(theirs, e.registry)
			begin := func(s login.FormHydrator) string {
				f := &login.Flow{UI: container.New("/")}
				if err := s.PopulateLoginMethodFirstFactor(httptest.NewRequest("GET", "/", nil), f); err != nil {
					t.Fatal(err)
				}
				for _, n := range f.UI.Nodes {
					if n.Meta != nil && n.Meta.Label != nil {
						n.Meta.Label.Text += " (translated)"
					}
				}
				out, err := json.Marshal(f.UI)
				if err != nil {
					t.Fatal(err)
				}
				return string(out)
			}
			want := begin(theirs)
			if !strings.Contains(want, `"identifier"`) {
				t.Fatalf("upstream's form has no name: %s", want)
			}
			for range 2 {
				if got := begin(ours); got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			}
		})
	}
}
