package ory

import (
	"io/fs"
	"sync/atomic"
	"time"
)

// Curtain keeps an engine from reading its migrations while its registry is made: it would sort all of
// them anew after each of its files, for a list that nobody here asks for (docs/ory-quirks.md#q135).
// It is given as a file system of further migrations, which are merged with the engine's own, and has a
// file in the place of their folder. Once Drawn it has nothing, and the merged files are all there.
//
// Should an upgrade merge them in another way, the engine reads them as it always did, which takes time
// and does no harm.
type Curtain struct {
	// sorted tells that the merged list of the root is in its order.
	sorted, drawn atomic.Bool
}

var _ fs.ReadDirFS = (*Curtain)(nil)

// curtained is the folder that both engines have their migrations in, in the root of theirs.
const curtained = "migrations"

// Draw shows what was hidden.
func (c *Curtain) Draw() { c.drawn.Store(true) }

// Open implements fs.FS. There is nothing in it to read.
func (c *Curtain) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir implements fs.ReadDirFS. A merged list is sorted by name, and of entries of one name the first
// one stays. The hiding entry comes before the folder's by a name that is less, until the last entry,
// which is looked at last, has been compared; from then on it has the name of the folder.
func (c *Curtain) ReadDir(name string) ([]fs.DirEntry, error) {
	if name != "." || c.drawn.Load() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	hiding := entry(func() string {
		if c.sorted.Load() {
			return curtained
		}
		return ""
	})
	last := entry(func() string {
		c.sorted.Store(true)
		return "~"
	})
	return []fs.DirEntry{hiding, last}, nil
}

// entry is a file that is only ever asked for its name.
type entry func() string

// Name implements fs.DirEntry and fs.FileInfo.
func (e entry) Name() string { return e() }

// IsDir implements fs.DirEntry and fs.FileInfo.
func (entry) IsDir() bool { return false }

// Type implements fs.DirEntry.
func (entry) Type() fs.FileMode { return 0 }

// Info implements fs.DirEntry.
func (e entry) Info() (fs.FileInfo, error) { return e, nil }

// Size implements fs.FileInfo.
func (entry) Size() int64 { return 0 }

// Mode implements fs.FileInfo.
func (entry) Mode() fs.FileMode { return 0 }

// ModTime implements fs.FileInfo.
func (entry) ModTime() time.Time { return time.Time{} }

// Sys implements fs.FileInfo.
func (entry) Sys() any { return nil }
