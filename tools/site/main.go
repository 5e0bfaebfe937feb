// Command site makes a static site of the documents of the repository: README.md, CHANGELOG.md, CONTRIBUTING.md,
// SECURITY.md and docs/**/*.md, in the order of docs/index.md (docs/adr/0079-site.md).
//
//	site [-source URL] [-base URL] [-version TEXT] FOLDER
//
// It runs in the root of the repository. What is in FOLDER is replaced. A link or an anchor that leads nowhere is an
// error, and the same documents make the same bytes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// options say what differs from one place of publication to another.
type options struct {
	// source is where a file of the repository can be read, its path is appended. "" shows its name as code.
	source string
	// base is where the site is published; "" leaves out what needs an absolute address.
	base string
	// version is named at the foot of each page.
	version string
}

func main() {
	var o options
	flag.StringVar(&o.source, "source", "", "address of the repository's files, such as https://git.example.com/identityd/blob/main/")
	flag.StringVar(&o.base, "base", "", "address of the site, such as https://docs.example.com/: makes sitemap.xml and canonical links")
	flag.StringVar(&o.version, "version", "", "version of the product, for the foot of the pages")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "site: want the folder to write to, such as bin/site")
		os.Exit(2)
	}
	if err := run(".", flag.Arg(0), o); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

func run(root, folder string, o options) error {
	s, err := build(root, o)
	if err != nil {
		return err
	}
	return write(folder, s)
}

// stamp is in every folder this program has written: only such a folder is replaced.
const stamp = ".made-by-site"

func write(folder string, files map[string][]byte) error {
	if there, err := os.ReadDir(folder); err == nil && len(there) > 0 {
		if _, err := os.Stat(filepath.Join(folder, stamp)); err != nil {
			return fmt.Errorf("%s has files that are not of a site: name another folder, or remove it", folder)
		}
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for name, content := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // for everybody to read
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil { //nolint:gosec // for everybody to read
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, stamp), nil, 0o644) //nolint:gosec // for everybody to read
}
