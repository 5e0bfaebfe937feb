package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"example.com/identityd/internal/tried"
)

const (
	unitFolder = "../../deploy/systemd"
	installed  = "/usr/local/bin/identityd"
	// mostExposed is the score of systemd-analyze (252) from 0 to 10 that the unit may have. What is left are things it
	// needs: the network, without a list of addresses that only the operator knows.
	mostExposed = 1.5
)

// TestTheUnitsOfSystemd holds the units against what systemd itself says of them.
func TestTheUnitsOfSystemd(t *testing.T) {
	analyze := systemdTool(t, "systemd-analyze")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var units []string
	for _, pattern := range []string{"*.service", "*.socket"} {
		list, err := filepath.Glob(filepath.Join(unitFolder, pattern))
		if err != nil || len(list) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		for _, name := range list {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			// The program is not installed here.
			path := filepath.Join(dir, filepath.Base(name))
			if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(raw), installed, exe)), 0o600); err != nil {
				t.Fatal(err)
			}
			units = append(units, path)
		}
	}
	out, err := exec.CommandContext(t.Context(), analyze, append([]string{"verify", "--man=no"}, units...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	for _, unit := range units {
		if !strings.HasSuffix(unit, ".service") {
			continue
		}
		out, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--no-pager", unit).CombinedOutput()
		m := regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`).FindSubmatch(out)
		if err != nil || m == nil {
			t.Errorf("systemd-analyze security: %v\n%s", err, out)
			continue
		}
		score, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil || score > mostExposed {
			t.Errorf("%s: got an exposure of %s, want at most %.1f\n%s", filepath.Base(unit), m[1], mostExposed, out)
		}
		tried.Report(t, "What systemd-analyze security says of "+filepath.Base(unit), "exposure %s of 10", m[1])
	}
}

// TestTheUnitsHaveOneSandbox: what migrates is held no less than what serves.
func TestTheUnitsHaveOneSandbox(t *testing.T) {
	sandbox := func(name string) string {
		raw, err := os.ReadFile(filepath.Join(unitFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, found := strings.Cut(string(raw), "\n# It needs sockets")
		if !found {
			t.Fatalf("%s has no sandbox", name)
		}
		rest, _, _ = strings.Cut(rest, "\n[Install]")
		return strings.TrimSpace(rest)
	}
	if sandbox("identityd.service") != sandbox("identityd-migrate.service") {
		t.Error("identityd.service and identityd-migrate.service differ in their sandbox; it is the same program")
	}
}
