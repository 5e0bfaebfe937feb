package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// build makes the program for a platform and returns where it is.
func (s settings) build(ctx context.Context, platform, work string) (string, error) {
	goos, goarch, _ := strings.Cut(platform, "/")
	out := filepath.Join(work, goos+"-"+goarch, "identityd")
	if goos == "windows" {
		out += ".exe"
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", s.tags, "-ldflags", s.ldflags, "-o", out, "./cmd/identityd")
	// What a person has set for themselves is not in a release.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch, "GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("building for %s: %w", platform, err)
	}
	return out, nil
}

// host is the platform whose program can be asked here for its manual.
func host() string { return runtime.GOOS + "/" + runtime.GOARCH }

// bill writes the bill of materials of a program, by the same program as make supply.
func (s settings) bill(ctx context.Context, binary, work string) ([]byte, error) {
	file := filepath.Join(work, "bill.json")
	cmd := exec.CommandContext(ctx, "bin/supply", "sbom", binary, file)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "VERSION="+s.version)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("writing the bill of materials of %s: %w", binary, err)
	}
	return os.ReadFile(file)
}

// digest is the SHA-256 of something.
func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
