package side

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Programs are both sides as files.
type Programs struct {
	Identityd Identityd
	Official  Official
}

// Sides returns them in the order of reports.
func (p Programs) Sides() []Side { return []Side{p.Identityd, p.Official} }

// Build makes the programs of both sides in a folder, from the repository at root, with the flags of its Makefile for all of them. ours replaces identityd where it is not
// empty, to measure another build of it.
func Build(ctx context.Context, root, dir, ours string) (Programs, error) {
	var p Programs
	root, err := filepath.Abs(root)
	if err != nil {
		return p, fmt.Errorf("finding the repository: %w", err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return p, fmt.Errorf("finding the folder of programs: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // programs
		return p, fmt.Errorf("making the folder of programs: %w", err)
	}
	p.Identityd.Binary = ours
	if ours == "" {
		p.Identityd.Binary = filepath.Join(dir, "identityd")
		if err := build(ctx, root, p.Identityd.Binary, "./cmd/identityd"); err != nil {
			return p, err
		}
	}
	bench := filepath.Join(root, "bench")
	p.Official = Official{
		Hydra: filepath.Join(dir, "hydra"), Kratos: filepath.Join(dir, "kratos"), UI: filepath.Join(bench, "nodeui"),
		Schema: filepath.Join(root, "configs", "identity.email-v1.schema.json"),
	}
	for program, from := range map[string]string{p.Official.Hydra: "./official/hydra", p.Official.Kratos: "./official/kratos"} {
		if err := build(ctx, bench, program, from); err != nil {
			return p, err
		}
	}
	if p.Official.Node, err = exec.LookPath("node"); err != nil {
		return p, fmt.Errorf("looking for node (on Debian and Ubuntu: apt-get install nodejs npm): %w", err)
	}
	return p, install(ctx, p.Official.UI)
}

// build uses the flags of the Makefile.
func build(ctx context.Context, dir, program, from string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "sqlite", "-ldflags", "-s -w", "-o", program, from)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", from, err, out)
	}
	return nil
}

// install runs npm ci unless the modules are those of the lock file already.
func install(ctx context.Context, ui string) error {
	lock, err := os.Stat(filepath.Join(ui, "package-lock.json"))
	if err != nil {
		return fmt.Errorf("looking for the lock file of the pages: %w", err)
	}
	if there, err := os.Stat(filepath.Join(ui, "node_modules", ".package-lock.json")); err == nil && !there.ModTime().Before(lock.ModTime()) {
		return nil
	}
	cmd := exec.CommandContext(ctx, "npm", "ci", "--omit=dev", "--no-audit", "--no-fund")
	cmd.Dir = ui
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running npm ci: %w\n%s", err, out)
	}
	return nil
}
