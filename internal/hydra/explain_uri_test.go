package hydra

import (
	"strings"
	"testing"
)

func TestAnyPortIsSaidOfAddressesAlone(t *testing.T) {
	for of, want := range map[string]bool{"redirect_uri": true, "origin": false} {
		_, how := whereDiffers(of, "http://localhost:5174", []string{"http://localhost:5173"})
		if got := strings.Contains(how, "any port is taken"); got != want || !strings.Contains(how, "5173 is registered") {
			t.Errorf("%s: got %q, want any port in it: %v", of, how, want)
		}
	}
}
