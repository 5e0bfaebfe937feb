// Command supply writes what a release says about what is in it: the licenses of everything linked, and a
// bill of materials.
//
//	supply licenses FILE           write the licenses of all that is linked (make licenses)
//	supply licenses -check FILE    fail when the file is not what would be written
//	supply sbom BINARY FILE        write a CycloneDX bill of materials of a binary (make sbom)
//
// It runs in the root of the repository, and asks go for the modules as they are in the module cache.
package main

import (
	"bytes"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "supply:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "licenses":
		text, err := licenseFile()
		if err != nil {
			return err
		}
		return os.WriteFile(args[1], text, 0o644) //nolint:gosec // for everybody to read
	case len(args) == 3 && args[0] == "licenses" && args[1] == "-check":
		text, err := licenseFile()
		if err != nil {
			return err
		}
		there, err := os.ReadFile(args[2])
		if err != nil {
			return err
		}
		if !bytes.Equal(text, there) {
			return fmt.Errorf("%s is not what is linked: run make licenses and read the difference", args[2])
		}
		return nil
	case len(args) == 3 && args[0] == "sbom":
		return sbom(args[1], args[2])
	}
	return fmt.Errorf("want licenses [-check] FILE, or sbom BINARY FILE")
}
