package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var declared = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]*)\(`)

// packages returns the folders below root, as go test takes them, that declare each test.
func packages(root string) (map[string][]string, error) {
	out := map[string][]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			// Folders with a go.mod of their own are other modules.
			_, own := os.Stat(filepath.Join(name, "go.mod"))
			if name != root && (own == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		raw, err := os.ReadFile(filepath.Clean(name))
		if err != nil {
			return fmt.Errorf("reading a test: %w", err)
		}
		folder, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return fmt.Errorf("naming a package: %w", err)
		}
		folder = "./" + filepath.ToSlash(folder)
		for _, m := range declared.FindAllStringSubmatch(string(raw), -1) {
			if !slices.Contains(out[m[1]], folder) {
				out[m[1]] = append(out[m[1]], folder)
			}
		}
		return nil
	})
	return out, err
}
