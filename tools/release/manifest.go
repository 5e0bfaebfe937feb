package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

const (
	manifestName = "release.json"
	sumsName     = "SHA256SUMS"
)

// manifest is what a release says of itself to programs.
type manifest struct {
	Name       string          `json:"name"`
	Version    string          `json:"version"`
	Commit     string          `json:"commit"`
	CommitDate string          `json:"commit_date"`
	Dirty      bool            `json:"dirty"`
	Go         string          `json:"go"`
	Tags       string          `json:"tags"`
	Upstream   json.RawMessage `json:"upstream"`
	Binaries   []binaryFact    `json:"binaries"`
	Images     []imageFact     `json:"images"`
	// Index is the digest that a registry gives to the image of all platforms.
	Index string     `json:"image_index,omitempty"`
	Files []fileFact `json:"files"`
}

type binaryFact struct {
	Platform string `json:"platform"`
	Name     string `json:"name"`
	SHA256   string `json:"sha256"`
	Bytes    int    `json:"bytes"`
}

type imageFact struct {
	Platform string `json:"platform"`
	Digest   string `json:"digest"`
}

type fileFact struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Platform string `json:"platform,omitempty"`
	SHA256   string `json:"sha256"`
	Bytes    int    `json:"bytes"`
}

func newManifest(s settings) manifest {
	return manifest{
		Name: "identityd", Version: s.version, Commit: s.commit, CommitDate: s.date, Dirty: s.dirty, Tags: s.tags,
		Binaries: []binaryFact{}, Images: []imageFact{}, Files: []fileFact{},
	}
}

func binaryOf(platform, name string, raw []byte) binaryFact {
	return binaryFact{Platform: platform, Name: name, SHA256: digest(raw), Bytes: len(raw)}
}

// add writes a file of the release and notes it.
func (d *dist) add(name, kind, platform string, body []byte) error {
	if err := write(filepath.Join(d.at, name), body); err != nil {
		return err
	}
	d.manifest.Files = append(d.manifest.Files, fileFact{Name: name, Kind: kind, Platform: platform, SHA256: digest(body), Bytes: len(body)})
	return nil
}

// finish writes the manifest and the checksums of everything, the manifest too. own is a program that can be asked
// what it is made of.
func (d *dist) finish(ctx context.Context, own string) error {
	said, err := output(ctx, own, "version", "--engines", "--json")
	if err != nil {
		return err
	}
	var v struct {
		Version  string          `json:"version"`
		Commit   string          `json:"commit"`
		Date     string          `json:"commit_date"`
		Go       string          `json:"go"`
		Upstream json.RawMessage `json:"upstream"`
	}
	if err := json.Unmarshal([]byte(said), &v); err != nil {
		return fmt.Errorf("reading what the program says of itself: %w", err)
	}
	if v.Version != d.version || v.Commit != d.commit || v.Date != d.date {
		return fmt.Errorf("the program says that it is %s of %s, %s: the linker's flags are not those of this release", v.Version, v.Commit, v.Date)
	}
	d.manifest.Go, d.manifest.Upstream = v.Go, v.Upstream
	slices.SortFunc(d.manifest.Files, func(a, b fileFact) int { return strings.Compare(a.Name, b.Name) })
	raw, err := json.MarshalIndent(d.manifest, "", "  ")
	if err != nil {
		return err
	}
	raw = append(raw, '\n')
	var sums bytes.Buffer
	for _, f := range append(slices.Clone(d.manifest.Files), fileFact{Name: manifestName, SHA256: digest(raw)}) {
		fmt.Fprintf(&sums, "%s  %s\n", f.SHA256, f.Name)
	}
	if err := write(filepath.Join(d.at, manifestName), raw); err != nil {
		return err
	}
	return write(filepath.Join(d.at, sumsName), sums.Bytes())
}
