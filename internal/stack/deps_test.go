package stack

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// TestNothingPhonesHome lists what is linked: upstream's telemetry and its signal handling come with
// upstream's commands, which nothing of ours may import (docs/ory-quirks.md#q10).
func TestNothingPhonesHome(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-tags", "sqlite", "-deps", "../../cmd/identityd")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 500 {
		t.Fatalf("got %d packages, which cannot be all", len(deps))
	}
	for _, dep := range deps {
		for _, banned := range []string{"metricsx", "analytics-go", "ory/graceful", "kratos/cmd", "hydra/v2/cmd", "toxiproxy"} {
			if strings.Contains(dep, banned) {
				t.Errorf("%s is linked", dep)
			}
		}
	}
}
