package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// licenses is the file that make licenses writes.
const licenses = "internal/licenses/third_party.txt"

// product is what the bill is about.
const product = "identityd"

// sbom writes what a binary says that it is made of. It is the same for the same binary.
func sbom(binary, file string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return fmt.Errorf("reading what %s is built from: %w", binary, err)
	}
	known, err := knownLicenses()
	if err != nil {
		return err
	}
	hash, err := hashOf(binary)
	if err != nil {
		return err
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	where := "goarch=" + settings["GOARCH"] + "&goos=" + settings["GOOS"]
	root := cdx.Component{
		BOMRef: "identityd", Type: cdx.ComponentTypeApplication, Name: product, Version: version(info),
		PackageURL: "pkg:golang/example.com/identityd?" + where + "#cmd/identityd",
		Licenses:   expression("Apache-2.0"),
		Hashes:     &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hash}},
		Properties: properties(info),
	}
	components := []cdx.Component{part("std", strings.Fields(info.GoVersion)[0], where, known)}
	for _, d := range info.Deps {
		components = append(components, dependency(d, where, known))
	}
	files, err := embedded(settings["GOOS"] + "/" + settings["GOARCH"])
	if err != nil {
		return err
	}
	refs := make([]string, 0, len(components))
	for _, c := range components {
		refs = append(refs, c.BOMRef)
	}
	components = append(components, files...)
	bom := cdx.NewBOM()
	// From the binary, not by chance: the bill of the same binary is the same.
	bom.SerialNumber = fmt.Sprintf("urn:uuid:%s-%s-5%s-8%s-%s", hash[:8], hash[8:12], hash[13:16], hash[17:20], hash[20:32])
	bom.Metadata = &cdx.Metadata{Component: &root}
	bom.Components = &components
	bom.Dependencies = &[]cdx.Dependency{{Ref: root.BOMRef, Dependencies: &refs}}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	encoder := cdx.NewBOMEncoder(out, cdx.BOMFileFormatJSON).SetPretty(true)
	if err := errors.Join(encoder.EncodeVersion(bom, cdx.SpecVersion1_6), out.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	_, err = fmt.Printf("%s: %d modules, Go's library and %d files\n", file, len(info.Deps), len(files))
	return err
}

// dependency is a module. What stands in its place is the component: that is the code.
func dependency(d *debug.Module, where string, known map[string]string) cdx.Component {
	if d.Replace == nil {
		return part(d.Path, d.Version, where, known)
	}
	note := "takes the place of " + d.Path + " " + d.Version + " (go.mod says why)"
	if strings.HasPrefix(d.Replace.Path, ".") {
		// A folder of this repository: its version is the product's.
		name := "example.com/identityd/" + strings.TrimPrefix(d.Replace.Path, "./")
		c := part(name, "", where, known)
		c.Description, c.Licenses = note, expression(known[d.Path])
		return c
	}
	c := part(d.Replace.Path, d.Replace.Version, where, known)
	c.Description, c.Licenses = note, expression(known[d.Path])
	return c
}

func part(name, version, where string, known map[string]string) cdx.Component {
	at := ""
	if version != "" {
		at = "@" + version
	}
	return cdx.Component{
		BOMRef: name + at, Type: cdx.ComponentTypeLibrary, Name: name, Version: version, Scope: cdx.ScopeRequired,
		PackageURL: "pkg:golang/" + name + at + "?" + where + "&type=module", Licenses: expression(known[name]),
	}
}

func expression(license string) *cdx.Licenses {
	if license == "" {
		return nil
	}
	return &cdx.Licenses{{Expression: license}}
}

func properties(info *debug.BuildInfo) *[]cdx.Property {
	var out []cdx.Property
	for _, s := range info.Settings {
		switch s.Key {
		case "-tags", "-trimpath", "CGO_ENABLED", "GOOS", "GOARCH", "vcs.revision", "vcs.time", "vcs.modified":
			out = append(out, cdx.Property{Name: "go:" + s.Key, Value: s.Value})
		}
	}
	return &out
}

// version is what the Makefile put in, which the linker's flags still say.
func version(info *debug.BuildInfo) string {
	if v := os.Getenv("VERSION"); v != "" {
		return v
	}
	return info.Main.Version
}

// embedded are the files of ours that are in the binary: pages, styles, pictures, texts, schemas, SQL.
func embedded(platform string) ([]cdx.Component, error) {
	list, err := packages(platform)
	if err != nil {
		return nil, err
	}
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	var out []cdx.Component
	for _, p := range list {
		if p.Module == nil || !p.Module.Main {
			continue
		}
		for _, name := range p.EmbedFiles {
			full := filepath.Join(p.Dir, name)
			hash, err := hashOf(full)
			if err != nil {
				return nil, err
			}
			short, err := filepath.Rel(here, full)
			if err != nil {
				return nil, err
			}
			short = filepath.ToSlash(short)
			out = append(out, cdx.Component{
				BOMRef: "file:" + short, Type: cdx.ComponentTypeFile, Name: short,
				Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hash}},
			})
		}
	}
	return out, nil
}

// knownLicenses reads the lines of the file of licenses, by module.
func knownLicenses() (map[string]string, error) {
	raw, err := os.ReadFile(licenses)
	if err != nil {
		return nil, err
	}
	lines, _, _ := strings.Cut(string(raw), "\n==== ")
	out := map[string]string{}
	for _, line := range strings.Split(lines, "\n") {
		if fields := strings.Split(line, " | "); len(fields) == 3 {
			name, _, _ := strings.Cut(fields[0], " ")
			out[name] = fields[1]
		}
	}
	return out, nil
}

func hashOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
