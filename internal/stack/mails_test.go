package stack

import (
	"strings"
	"testing"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/locale"
)

func TestMailsWearTheBrand(t *testing.T) {
	var c config.Config
	c.UI = config.UI{
		Brand: config.Brand{Name: "Northwind", Colors: map[string]string{"accent": "#0b57d0"}},
		Links: config.Links{Support: "mailto:help@example.com"},
	}
	texts, err := locale.Load([]string{"de", "en"})
	if err != nil {
		t.Fatal(err)
	}
	k := kratos.Config{Mail: &kratos.Mail{}, Extra: map[string]any{"selfservice": map[string]any{
		"methods": map[string]any{"code": map[string]any{"config": map[string]any{"lifespan": "10m"}}},
	}}}
	if _, err := writeMails(c, texts, URLs{UI: "https://id.example.com"}, &k); err != nil {
		t.Fatal(err)
	}
	if got := len(k.Mail.Templates); got != 10 {
		t.Fatalf("got %d templates, want 10", got)
	}
	for _, m := range k.Mail.Templates {
		for _, want := range []string{"#0b57d0", "Northwind", "mailto:help@example.com", `lang := "de"`} {
			if !strings.Contains(m.HTML, want) {
				t.Errorf("%s: no %q in it", m.Kind, want)
			}
		}
		if strings.Contains(m.Kind, "code_valid") && !strings.Contains(m.Text, "Der Code gilt 10 Minuten und nur einmal.") {
			t.Errorf("%s: does not say how long the code is good", m.Kind)
		}
	}
	nothing := kratos.Config{}
	if m, err := writeMails(c, texts, URLs{}, &nothing); m != nil || err != nil {
		t.Errorf("without mail: got %v, %v", m, err)
	}
}
