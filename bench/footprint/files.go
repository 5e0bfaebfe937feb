package footprint

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"example.com/identityd/bench/side"
)

// sizes adds up programs, and everything that an image from nothing would have to hold: programs, what they load, the runtime and its modules. No base image is counted on
// either side, and layers are not compressed.
func (c Config) sizes(s side.Side) error {
	var programs, everything float64
	files := map[string]bool{}
	for _, name := range s.Files() {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if info.IsDir() {
			n, err := treeSize(name)
			if err != nil {
				return err
			}
			everything += n
			continue
		}
		programs += float64(info.Size())
		files[name] = true
		for _, library := range libraries(name) {
			files[library] = true
		}
	}
	for name := range files {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		everything += float64(info.Size())
	}
	c.Put(Value{Row: "files", Kind: "programs", Title: "programs, with the runtime of the pages", Unit: "MB", Side: s.Name(), Value: programs / 1e6, Exact: true})
	c.Put(Value{Row: "files", Kind: "image", Title: "files of the images, without a base", Unit: "MB", Side: s.Name(), Value: everything / 1e6, Exact: true})
	return nil
}

// treeSize adds up the files of a folder.
func treeSize(dir string) (float64, error) {
	var sum float64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sum += float64(info.Size())
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("adding up %s: %w", dir, err)
	}
	return sum, nil
}

// libraries are what a program loads when it starts; a static one loads nothing, which ldd calls an error.
func libraries(program string) []string {
	out, err := exec.Command("ldd", program).Output() //nolint:noctx // returns at once
	if err != nil {
		return nil
	}
	var names []string
	for _, m := range regexp.MustCompile(`(?m)(/\S+) \(0x`).FindAllStringSubmatch(string(out), -1) {
		names = append(names, m[1])
	}
	return names
}
