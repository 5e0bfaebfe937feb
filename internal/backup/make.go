package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Source is what is backed up.
type Source struct {
	// Hydra and Kratos are the files of the databases.
	Hydra, Kratos string
	// Secrets is the file of the generated secrets; empty, or a file that does not exist, leaves them out.
	Secrets string
	// Version is that of this identityd.
	Version string
}

// Make makes a backup at to, a folder or a file that ends in .tar.gz or .tgz. Nothing may be there: a
// backup never takes another one's place. It appears whole or not at all.
func Make(ctx context.Context, s Source, to string) (m Manifest, err error) {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return Manifest{}, fmt.Errorf("making a backup: %w", err)
		}
		return Manifest{}, fmt.Errorf("making a backup: %s exists already; name another place with --to", to)
	}
	parent := filepath.Dir(filepath.Clean(to))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return Manifest{}, fmt.Errorf("making a backup: %w", err)
	}
	// Beside the target, so that the last step is a rename; 0700 by its contract.
	folder, err := os.MkdirTemp(parent, ".identityd-backup-*")
	if err != nil {
		return Manifest{}, fmt.Errorf("making a backup: %w", err)
	}
	defer os.RemoveAll(folder) //nolint:errcheck // gone already where all went well
	if m, err = fill(ctx, s, folder); err != nil {
		return Manifest{}, err
	}
	if !isArchive(to) {
		return m, publish(folder, to)
	}
	packed := folder + ".tar.gz"
	defer os.Remove(packed) //nolint:errcheck // gone already where all went well
	if err := pack(folder, packed, m); err != nil {
		return Manifest{}, err
	}
	return m, publish(packed, to)
}

// fill makes the files of a backup in a folder.
func fill(ctx context.Context, s Source, folder string) (Manifest, error) {
	// Hydra's moment comes first, by microseconds: what it knows of a person was in Kratos before.
	copies := []copying{
		{from: s.Hydra, to: filepath.Join(folder, HydraFile)},
		{from: s.Kratos, to: filepath.Join(folder, KratosFile)},
	}
	moment, err := snapshot(ctx, copies)
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{Format: format, MadeAt: moment.UTC().Truncate(time.Millisecond), Identityd: s.Version}
	for _, name := range []string{HydraFile, KratosFile} {
		schema, err := inspect(ctx, filepath.Join(folder, name))
		if err != nil {
			return Manifest{}, err
		}
		file, err := describe(folder, name)
		if err != nil {
			return Manifest{}, err
		}
		file.Integrity, file.Schema = "ok", schema
		m.Files = append(m.Files, file)
	}
	if s.Secrets != "" {
		raw, err := os.ReadFile(s.Secrets)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return Manifest{}, fmt.Errorf("reading the generated secrets: %w", err)
		default:
			if err := writeFile(filepath.Join(folder, SecretsFile), raw); err != nil {
				return Manifest{}, err
			}
			file, err := describe(folder, SecretsFile)
			if err != nil {
				return Manifest{}, err
			}
			m.Files = append(m.Files, file)
		}
	}
	return m, m.write(folder)
}

func isArchive(name string) bool {
	return strings.HasSuffix(name, ".tar.gz") || strings.HasSuffix(name, ".tgz")
}

// publish gives a finished backup its name.
func publish(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("making a backup: %w", err)
	}
	return syncFolder(filepath.Dir(filepath.Clean(to)))
}
