package profile

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Variable is the environment that names the file of the profile. Names that begin so are no configuration of identityd's.
const Variable = "IDENTITYD_TEST_PROFILE"

//go:embed inside.go.txt
var inside embed.FS

// Build makes the program at out: the one of the repository at root, with one file laid over it, so that a program that ships can never be asked for a profile.
func Build(ctx context.Context, root, dir, out string) error {
	text, err := inside.ReadFile("inside.go.txt")
	if err != nil {
		return fmt.Errorf("reading what is laid over: %w", err)
	}
	file, overlay := filepath.Join(dir, "profile.go"), filepath.Join(dir, "overlay.json")
	rules, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "cmd", "identityd", "profile.go"): file}})
	if err != nil {
		return fmt.Errorf("writing an overlay: %w", err)
	}
	if err := errors.Join(os.WriteFile(file, text, 0o600), os.WriteFile(overlay, rules, 0o600)); err != nil {
		return fmt.Errorf("writing an overlay: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, "-trimpath", "-tags", "sqlite", "-pgo", "off", "-o", out, "./cmd/identityd")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building a program to profile: %w\n%s", err, said)
	}
	return nil
}

// Of has the process write a profile to file while do runs.
func Of(ctx context.Context, pid int, file string, do func() error) error {
	if err := syscall.Kill(pid, syscall.SIGUSR1); err != nil {
		return fmt.Errorf("beginning a profile: %w", err)
	}
	err := do()
	if end := syscall.Kill(pid, syscall.SIGUSR2); end != nil {
		return errors.Join(err, fmt.Errorf("ending a profile: %w", end))
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(file); err == nil {
			return nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("waiting for a profile: %w", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for a profile: %w", ctx.Err())
		}
	}
}
