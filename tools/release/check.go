package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// known are the platforms that releases are made for.
func known() []string {
	return []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}
}

var versions = regexp.MustCompile(`^v?\d+\.\d+\.\d+(-[0-9A-Za-z]+([.-][0-9A-Za-z]+)*)?$`)

// check refuses what would not be a release, before anything is built.
func (s settings) check(ctx context.Context) error {
	if !versions.MatchString(s.version) {
		return fmt.Errorf("VERSION must be like 1.4.0 or 1.4.0-rc.1 (got %q): make release VERSION=1.4.0", s.version)
	}
	if len(s.platforms) == 0 {
		return errors.New("PLATFORMS names none: leave it out for all of " + strings.Join(known(), ", "))
	}
	for _, p := range s.platforms {
		if !slices.Contains(known(), p) {
			return fmt.Errorf("PLATFORMS: releases are not made for %s, but for %s", p, strings.Join(known(), ", "))
		}
	}
	head, err := output(ctx, "git", "rev-parse", "HEAD")
	if err != nil {
		return fmt.Errorf("a release is made of a commit, in a clone of the repository: %w", err)
	}
	if head = strings.TrimSpace(head); head != s.commit {
		return fmt.Errorf("COMMIT is %s, and %s is checked out: leave COMMIT out", s.commit, head)
	}
	if tagged, err := output(ctx, "git", "rev-parse", "-q", "--verify", "refs/tags/v"+strings.TrimPrefix(s.version, "v")+"^{commit}"); err == nil && strings.TrimSpace(tagged) != head {
		return fmt.Errorf("the tag of %s is another commit, %.12s: check it out, or take another VERSION", s.version, tagged)
	}
	changed, err := output(ctx, "git", "status", "--porcelain")
	switch {
	case err != nil:
		return err
	case changed != "" && !s.dirty:
		return fmt.Errorf("the tree has changes that are in no commit:\n%sCommit them. To try it out: make release DIRTY=1 VERSION=%s-dirty", changed, s.version)
	case changed != "" && !strings.HasSuffix(s.version, "-dirty"):
		return fmt.Errorf("with DIRTY=1 the version has to say so: VERSION=%s-dirty", s.version)
	}
	return s.room()
}

// room refuses a folder that has other things than a release in it: it is replaced as a whole.
func (s settings) room() error {
	entries, err := os.ReadDir(s.folder)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(s.folder, manifestName)); err != nil {
		return fmt.Errorf("%s has files in it and is no release of before (it has no %s): move it away", s.folder, manifestName)
	}
	return nil
}

// output is what a command prints, in one locale.
func output(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	raw, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return string(raw), nil
}
