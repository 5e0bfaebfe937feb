package stacktest

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Report is what the journey client says (journey/report.go).
type Report struct {
	Steps []struct {
		Journey int    `json:"journey"`
		Name    string `json:"name"`
		OK      bool   `json:"ok"`
		Skipped bool   `json:"skipped"`
		Detail  string `json:"detail"`
	} `json:"steps"`
	Dialed map[string]int `json:"dialed"`
}

// BuildJourney builds the outside client into folder and returns its path. It is a Go module of its
// own, so that nothing of ours can help it.
func BuildJourney(ctx context.Context, folder string) (string, error) {
	out := filepath.Join(folder, "journey")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", out, ".")
	cmd.Dir = filepath.Join("..", "..", "journey")
	cmd.Stderr = os.Stderr
	return out, cmd.Run()
}

// Journey runs n journeys at once against the stack, with the extra arguments, and fails the test
// unless all pass.
func (s *Stack) Journey(t testing.TB, client string, n int, extra ...string) Report {
	t.Helper()
	addresses := map[string]string{"ui": s.URLs.UI, "hydra": s.URLs.Hydra, "kratos": s.URLs.Kratos}
	if s.URLs.HydraAdmin != "" {
		addresses["hydra_admin"] = s.URLs.HydraAdmin
	}
	raw, err := json.Marshal(addresses)
	if err != nil {
		t.Fatal(err)
	}
	const bound = 4 * time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), bound+10*time.Second)
	defer cancel()
	args := append([]string{
		"-json", "-addresses", string(raw), "-parallel", strconv.Itoa(n), "-timeout", bound.String(),
	}, extra...)
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, client, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	var r Report
	if jsonErr := json.Unmarshal(stdout.Bytes(), &r); jsonErr != nil {
		t.Fatalf("journey said %q, %s (%v)", &stdout, &stderr, err)
	}
	if err != nil {
		t.Fatalf("journey: %v\n%s", err, &stderr)
	}
	return r
}
