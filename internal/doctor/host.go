package doctor

import (
	"time"

	"example.com/identityd/internal/heap"
)

// Host is the machine that identityd runs on. A nil field is the machine itself; tests put others.
type Host struct {
	Now func() time.Time
	// Space says how much room a folder has.
	Space func(folder string) (Space, error)
	// Memory is what this process may use, 0 for no bound.
	Memory func() uint64
	// Files is how many files this process may have open, 0 for no bound.
	Files func() uint64
}

// Space is the room of a file system, in bytes and in files.
type Space struct{ Size, Free, Inodes, FreeInodes uint64 }

func (s *Subject) now() time.Time {
	if s.Host.Now == nil {
		return time.Now()
	}
	return s.Host.Now()
}

func (s *Subject) space(folder string) (Space, error) {
	if s.Host.Space == nil {
		return spaceOf(folder)
	}
	return s.Host.Space(folder)
}

func (s *Subject) memory() uint64 {
	if s.Host.Memory == nil {
		return heap.Granted()
	}
	return s.Host.Memory()
}

func (s *Subject) files() uint64 {
	switch {
	case s.Host.Files != nil:
		return s.Host.Files()
	case s.Process != nil && s.Process.Runtime.Files > 0:
		return s.Process.Runtime.Files
	}
	return MostFiles()
}
