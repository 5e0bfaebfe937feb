package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// program is the package whose binary is released, and tags are those it is built with.
const program = "./cmd/identityd"

// module is one that is linked: what go.mod calls it, and what stands in its place.
type module struct {
	Path, Version string
	Main          bool
	Dir           string
	Replace       *module
}

// source is the module whose code is linked.
func (m module) source() module {
	if m.Replace != nil {
		return *m.Replace
	}
	return m
}

// pkg is a package that is linked.
type pkg struct {
	ImportPath, Dir string
	Standard        bool
	EmbedFiles      []string
	Module          *module
}

// platforms are those that releases are made for: a module may be linked on one of them only.
var platforms = []string{"linux/amd64", "linux/arm64", "darwin/arm64", "windows/amd64"} //nolint:gochecknoglobals // constant

// packages returns what is linked on a platform.
func packages(platform string) ([]pkg, error) {
	tags, err := tags()
	if err != nil {
		return nil, err
	}
	goos, goarch, _ := strings.Cut(platform, "/")
	cmd := exec.CommandContext(context.Background(), "go", "list", "-deps", "-tags", tags, "-json=ImportPath,Dir,Standard,EmbedFiles,Module", program)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	cmd.Stderr = os.Stderr
	raw, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("listing what is linked on %s: %w", platform, err)
	}
	var out []pkg
	for dec := json.NewDecoder(bytes.NewReader(raw)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading what go lists: %w", err)
		}
		out = append(out, p)
	}
}

// tags reads the one place where the tags are.
func tags() (string, error) {
	raw, err := os.ReadFile("Makefile")
	if err != nil {
		return "", err
	}
	for _, line := range strings.Split(string(raw), "\n") {
		if _, value, ok := strings.Cut(line, "TAGS    :="); ok {
			return strings.TrimSpace(value), nil
		}
	}
	return "", errors.New("the Makefile has no TAGS")
}

// linked is a module with the folders of it whose packages are linked somewhere.
type linked struct {
	module
	folders []string
}

// modules returns every module of others that is linked on some platform, and Go itself.
func modules() ([]linked, error) {
	found := map[string]*linked{}
	for _, platform := range platforms {
		list, err := packages(platform)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			m := p.Module
			switch {
			case p.Standard:
				m = &module{Path: "std", Version: runtime.Version(), Dir: runtime.GOROOT()} //nolint:staticcheck // run by go run, on the machine that builds
			case m == nil || m.Main:
				continue
			}
			if found[m.Path] == nil {
				found[m.Path] = &linked{module: *m}
			}
			if l := found[m.Path]; !slices.Contains(l.folders, p.Dir) && m.Path != "std" {
				l.folders = append(l.folders, p.Dir)
			}
		}
	}
	out := make([]linked, 0, len(found))
	for _, l := range found {
		slices.Sort(l.folders)
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b linked) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// licensed returns the files that say under which terms the linked parts of a module are, by their name in
// the module: those of its root, and of every folder between it and a package that is linked.
func (l linked) licensed() (map[string]string, error) {
	root := l.source().Dir
	if l.Replace != nil && l.Replace.Version == "" {
		root = "." // a folder of this repository is under its license
		l.folders = nil
	}
	look := []string{root}
	for _, folder := range l.folders {
		for at := folder; len(at) > len(root); at = filepath.Dir(at) {
			if !slices.Contains(look, at) {
				look = append(look, at)
			}
		}
	}
	out := map[string]string{}
	for _, folder := range look {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.IsDir() || !isLicense(e.Name()) {
				continue
			}
			raw, err := os.ReadFile(filepath.Join(folder, e.Name()))
			if err != nil {
				return nil, err
			}
			name, err := filepath.Rel(root, filepath.Join(folder, e.Name()))
			if err != nil {
				return nil, err
			}
			text := strings.ReplaceAll(strings.ToValidUTF8(string(raw), "?"), "\r\n", "\n")
			out[filepath.ToSlash(name)] = strings.Trim(text, "\n") + "\n"
		}
	}
	return out, nil
}

// isLicense tells by the name, as forges do.
func isLicense(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".go", ".json", ".yml", ".yaml", ".sh":
		return false
	}
	upper := strings.ToUpper(name)
	for _, start := range []string{"LICENSE", "LICEN" + "CE", "COPYING", "NOTICE", "UNLICENSE", "PATENTS"} {
		if strings.HasPrefix(upper, start) || strings.HasSuffix(upper, "-"+start) || strings.HasSuffix(upper, "."+start) {
			return true
		}
	}
	return false
}
