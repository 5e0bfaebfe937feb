package cli

import (
	"strings"
	"testing"
)

func TestLicensesAreShownWithTheirTexts(t *testing.T) {
	var list, whole strings.Builder
	if code := Main([]string{"licenses", "--list"}, &list, &list); code != 0 {
		t.Fatalf("got exit code %d: %s", code, list.String())
	}
	if code := Main([]string{"licenses"}, &whole, &whole); code != 0 {
		t.Fatalf("got exit code %d", code)
	}
	for _, want := range []string{"github.com/ory/hydra/v2 v2.3.0 | Apache-2.0 | ", "std go1."} {
		if !strings.Contains(list.String(), "\n"+want) {
			t.Errorf("the list has no %q", want)
		}
	}
	if strings.Contains(list.String(), "====") || !strings.Contains(whole.String(), "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION") {
		t.Error("the list is to have no texts, and the whole is to have them")
	}
}
