package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// shared are the files that every archive has, whatever it is for: all that git knows of configs and deploy, what
// people read first, and what the program writes about itself.
func (s settings) shared(ctx context.Context, host, work string) ([]entry, error) {
	out, err := tracked(ctx, "configs", "deploy", "LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md")
	if err != nil {
		return nil, err
	}
	licenses, err := os.ReadFile("internal/licenses/third_party.txt")
	if err != nil {
		return nil, err
	}
	out = append(out, entry{name: "THIRD-PARTY-LICENSES.txt", mode: 0o644, body: licenses})
	pages := filepath.Join(work, "man")
	if _, err := output(ctx, host, "man", pages); err != nil {
		return nil, err
	}
	names, err := os.ReadDir(pages)
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		raw, err := os.ReadFile(filepath.Join(pages, n.Name()))
		if err != nil {
			return nil, err
		}
		out = append(out, entry{name: "share/man/man1/" + n.Name(), mode: 0o644, body: raw})
	}
	for shell, name := range map[string]string{
		"bash": "share/bash-completion/completions/identityd", "zsh": "share/zsh/site-functions/_identityd",
		"fish": "share/fish/vendor_completions.d/identityd.fish", "powershell": "share/powershell/identityd.ps1",
	} {
		script, err := output(ctx, host, "completion", shell)
		if err != nil {
			return nil, err
		}
		out = append(out, entry{name: name, mode: 0o644, body: []byte(script)})
	}
	return out, nil
}

// tracked are files of the commit, with the modes that git has: neither the umask nor what lies about counts.
func tracked(ctx context.Context, paths ...string) ([]entry, error) {
	list, err := output(ctx, "git", append([]string{"ls-files", "-s", "-z", "--"}, paths...)...)
	if err != nil {
		return nil, err
	}
	var out []entry
	for _, line := range strings.Split(strings.TrimSuffix(list, "\x00"), "\x00") {
		head, name, ok := strings.Cut(line, "\t")
		mode, _, _ := strings.Cut(head, " ")
		switch {
		case !ok:
			return nil, fmt.Errorf("git ls-files says %q", line)
		case path.Ext(name) == ".go": // of tests and of what is in the program already
			continue
		case mode != "100644" && mode != "100755":
			return nil, errors.New(name + " is neither a file nor a program: a release has no links")
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		e := entry{name: name, mode: 0o644, body: raw}
		if mode == "100755" {
			e.mode = 0o755
		}
		out = append(out, e)
	}
	return out, nil
}

// below puts entries into a folder.
func below(folder string, entries []entry) []entry {
	out := make([]entry, 0, len(entries))
	for _, e := range entries {
		e.name = folder + "/" + e.name
		out = append(out, e)
	}
	return out
}
