package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Target is where a backup goes.
type Target struct {
	// Hydra, Kratos and Secrets are the files that it becomes.
	Hydra, Kratos, Secrets string
}

// Restored is what a restore did.
type Restored struct {
	Manifest Manifest `json:"manifest"`
	// Replaced are the folders where the files are that were there before.
	Replaced []string `json:"replaced"`
}

// Check verifies a backup: that all is there, unchanged, and that SQLite finds no damage.
func Check(ctx context.Context, from string) (Manifest, error) {
	folder, err := os.MkdirTemp("", "identityd-check-*")
	if err != nil {
		return Manifest{}, fmt.Errorf("checking a backup: %w", err)
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a copy of what is kept elsewhere
	return stage(ctx, from, folder)
}

// Restore verifies a backup and puts its files in the place of those at the target, which are kept in a
// folder beside. Nobody may use them meanwhile: the caller holds their lock. What fails leaves all as it
// was.
func Restore(ctx context.Context, from string, to Target) (Restored, error) {
	parent := filepath.Dir(to.Kratos)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return Restored{}, fmt.Errorf("restoring: %w", err)
	}
	staged, err := os.MkdirTemp(parent, ".identityd-restore-*")
	if err != nil {
		return Restored{}, fmt.Errorf("restoring: %w", err)
	}
	defer os.RemoveAll(staged) //nolint:errcheck // a copy of what is kept elsewhere
	m, err := stage(ctx, from, staged)
	if err != nil {
		return Restored{}, err
	}
	s := swap{stamp: time.Now().UTC().Format("20060102T150405.000Z")}
	for name, path := range map[string]string{HydraFile: to.Hydra, KratosFile: to.Kratos, SecretsFile: to.Secrets} {
		if err == nil && m.Has(name) {
			err = s.put(filepath.Join(staged, name), path)
		}
	}
	if err != nil {
		return Restored{}, errors.Join(fmt.Errorf("restoring: %w", err), s.undo())
	}
	return Restored{Manifest: m, Replaced: s.folders}, nil
}

// stage copies a backup into a folder and verifies the copy: what is checked is what is used.
func stage(ctx context.Context, from, folder string) (Manifest, error) {
	info, err := os.Stat(from)
	if err != nil {
		return Manifest{}, fmt.Errorf("opening the backup: %w", err)
	}
	take := unpack
	if info.IsDir() {
		take = copyFolder
	}
	m, err := take(from, folder)
	if err != nil {
		return Manifest{}, err
	}
	for _, want := range m.Files {
		got, err := describe(folder, want.Name)
		if err != nil {
			return Manifest{}, err
		}
		if got.SHA256 != want.SHA256 {
			return Manifest{}, fmt.Errorf("checking %s: %s is not what was backed up (sha256 %s, its manifest says %s)",
				from, want.Name, got.SHA256, want.SHA256)
		}
		if want.Name == SecretsFile {
			continue
		}
		if _, err := inspect(ctx, filepath.Join(folder, want.Name)); err != nil {
			return Manifest{}, err
		}
	}
	return m, nil
}

func copyFolder(from, folder string) (Manifest, error) {
	f, err := os.Open(filepath.Join(from, manifestFile))
	if err != nil {
		return Manifest{}, fmt.Errorf("opening %s: it is no backup of identityd: %w", from, err)
	}
	defer f.Close()
	m, err := readManifest(f)
	if err != nil {
		return Manifest{}, fmt.Errorf("opening %s: %w", from, err)
	}
	for _, want := range m.Files {
		if err := copyFile(filepath.Join(from, want.Name), filepath.Join(folder, want.Name), want.Bytes); err != nil {
			return Manifest{}, fmt.Errorf("reading %s: %w", from, err)
		}
	}
	return m, nil
}

func copyFile(from, to string, size int64) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if info.Size() != size {
		return fmt.Errorf("%s has %d bytes, its manifest says %d", filepath.Base(from), info.Size(), size)
	}
	return receive(to, in, size)
}

// swap puts files in the place of others and can take that back.
type swap struct {
	stamp   string
	folders []string
	undone  []func() error
}

// put moves what is at a path, and what SQLite keeps beside it, into a folder of the moment, and puts
// the new file there.
func (s *swap) put(from, path string) error {
	if same(from, path) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	aside := filepath.Join(filepath.Dir(path), "replaced-"+s.stamp)
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := s.away(path+suffix, aside); err != nil {
			return err
		}
	}
	if err := move(from, path); err != nil {
		return err
	}
	s.undone = append(s.undone, func() error { return os.Remove(path) })
	return syncFolder(filepath.Dir(path))
}

// away moves a file into a folder, if there is one.
func (s *swap) away(path, folder string) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.Mkdir(folder, 0o700); err == nil {
		s.folders = append(s.folders, folder)
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	kept := filepath.Join(folder, filepath.Base(path))
	if err := os.Rename(path, kept); err != nil {
		return err
	}
	s.undone = append(s.undone, func() error { return os.Rename(kept, path) })
	return nil
}

// undo takes back what put did, the last first.
func (s *swap) undo() error {
	var failed error
	for i := len(s.undone) - 1; i >= 0; i-- {
		failed = errors.Join(failed, s.undone[i]())
	}
	for _, folder := range s.folders {
		os.Remove(folder) //nolint:errcheck // empty by now, or worth keeping
	}
	if failed != nil {
		return fmt.Errorf("putting back what was there: %w; it is in %v", failed, s.folders)
	}
	return nil
}

// move renames, or copies where the file goes to another file system.
func move(from, to string) error {
	if err := os.Rename(from, to); err == nil {
		return nil
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if err := copyFile(from, to, info.Size()); err != nil {
		os.Remove(to) //nolint:errcheck // half a copy
		return err
	}
	return nil
}

// same reports that a small file holds the same already: secrets that did not change stay.
func same(a, b string) bool {
	if filepath.Base(a) != SecretsFile {
		return false
	}
	x, errX := os.ReadFile(a)
	y, errY := os.ReadFile(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
