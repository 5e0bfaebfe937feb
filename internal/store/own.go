package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// LockFile is in the folder of each SQLite database that somebody serves from or puts back.
const LockFile = "identityd.lock"

// Owned are folders of SQLite databases that this process serves from. Hydra and Kratos let one request
// at a time write (docs/ory-quirks.md#q24), which only works within one process. The system lets go of
// them when the process ends, however it does.
type Owned struct{ locks []*flock.Flock }

// InUseError is a folder of databases that another process owns.
type InUseError struct {
	Folder string
	// Owner is what the other process wrote about itself; empty when that cannot be read.
	Owner string
}

// Error implements error.
func (e *InUseError) Error() string {
	owner := e.Owner
	if owner == "" {
		owner = "another process"
	}
	return fmt.Sprintf("the databases in %s are in use by %s; stop it, or give this one another data_dir or database.url",
		e.Folder, owner)
}

// Own takes the folders of those databases that are files, or says who has one of them. Commands that
// only look, or that write what may be written beside a serving process, need not own anything.
func Own(dsns ...DSN) (*Owned, error) {
	var folders []string
	for _, d := range dsns {
		if d.dialect != SQLite || d.Memory() {
			continue
		}
		// By its real name: two ways to write a folder are one folder.
		folder, err := filepath.Abs(filepath.Dir(d.File()))
		if err != nil {
			return nil, fmt.Errorf("locking the folder of %s: %w", d, err)
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, fmt.Errorf("making the folder of %s: %w", d, err)
		}
		folders = append(folders, folder)
	}
	slices.Sort(folders) // so that two processes with two folders each cannot hold one of the other's
	o := &Owned{}
	for _, folder := range slices.Compact(folders) {
		if err := o.take(folder); err != nil {
			return nil, errors.Join(err, o.Release())
		}
	}
	return o, nil
}

func (o *Owned) take(folder string) error {
	path := filepath.Join(folder, LockFile)
	lock := flock.New(path, flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("locking %s: %w", path, err)
	}
	if !got {
		raw, err := os.ReadFile(path)
		if err != nil { // a lock of Windows is in the way of readers
			raw = nil
		}
		return &InUseError{Folder: folder, Owner: strings.TrimSpace(string(raw))}
	}
	o.locks = append(o.locks, lock)
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	owner := fmt.Sprintf("process %d on %s since %s\n", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	// For people: whether it is owned is a matter of the lock.
	if err := os.WriteFile(path, []byte(owner), 0o600); err != nil {
		return fmt.Errorf("locking %s: %w", path, err)
	}
	return nil
}

// With returns the folders of both.
func (o *Owned) With(other *Owned) *Owned {
	return &Owned{locks: append(slices.Clone(o.locks), other.locks...)}
}

// Release gives the folders back. The files stay: one that is removed while somebody opens it would be
// locked twice.
func (o *Owned) Release() error {
	if o == nil {
		return nil
	}
	var failed error
	for _, l := range o.locks {
		failed = errors.Join(failed, l.Unlock())
	}
	o.locks = nil
	return failed
}
