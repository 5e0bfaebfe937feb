package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// The names of the files of a backup, whatever they are called where they come from.
const (
	HydraFile    = "hydra.sqlite"
	KratosFile   = "kratos.sqlite"
	SecretsFile  = "secrets.yaml"
	manifestFile = "manifest.json"
)

// format is raised when an older identityd could not read a backup any more.
const format = 1

// Manifest says what a backup is.
type Manifest struct {
	Format int `json:"format"`
	// MadeAt is the moment that both databases are of.
	MadeAt    time.Time `json:"made_at"`
	Identityd string    `json:"identityd"`
	Files     []File    `json:"files"`
}

// File is one file of a backup.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	// Integrity is what SQLite's integrity_check said of a database.
	Integrity string `json:"integrity,omitempty"`
	// Schema is the newest migration of a database.
	Schema string `json:"schema,omitempty"`
}

// Has reports whether the backup has a file of the name.
func (m Manifest) Has(name string) bool {
	return slices.ContainsFunc(m.Files, func(f File) bool { return f.Name == name })
}

// check refuses a manifest that this version cannot follow.
func (m Manifest) check() error {
	if m.Format != format {
		return fmt.Errorf("its format is %d, this identityd reads %d; use identityd %s", m.Format, format, m.Identityd)
	}
	var names []string
	for _, f := range m.Files {
		if f.Name != HydraFile && f.Name != KratosFile && f.Name != SecretsFile || slices.Contains(names, f.Name) {
			return fmt.Errorf("its manifest lists %q, which no backup has", f.Name)
		}
		names = append(names, f.Name)
	}
	for _, name := range []string{HydraFile, KratosFile} {
		if !m.Has(name) {
			return fmt.Errorf("its manifest lists no %s", name)
		}
	}
	return nil
}

func readManifest(r io.Reader) (Manifest, error) {
	const most = 1 << 20
	raw, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return Manifest{}, fmt.Errorf("reading the manifest: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return Manifest{}, errors.New("its manifest.json is damaged")
	}
	return m, m.check()
}

func (m Manifest) write(folder string) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	return writeFile(filepath.Join(folder, manifestFile), append(raw, '\n'))
}

// describe measures a file.
func describe(folder, name string) (File, error) {
	f, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return File{}, fmt.Errorf("reading the backup: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err != nil {
		return File{}, fmt.Errorf("reading the backup: %w", err)
	}
	return File{Name: name, Bytes: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, nil
}

// writeFile makes a file for its owner alone, and has it on the disk when it returns.
func writeFile(path string, raw []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if _, err := f.Write(raw); err != nil {
		f.Close()
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
