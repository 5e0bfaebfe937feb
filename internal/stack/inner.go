package stack

import (
	"sync"
	"time"

	"example.com/identityd/internal/doctor"
	"example.com/identityd/internal/reload"
)

// inner is what only this process knows of itself, for identityd doctor. The zero value knows nothing yet.
type inner struct {
	mu      sync.Mutex
	waiting []string
	janitor doctor.JanitorState
}

// wait says which words of the file wait for a restart.
func (f *inner) wait(words []reload.Wait) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting = nil
	for _, w := range words {
		f.waiting = append(f.waiting, w.Key)
	}
}

// janitorLooks says that the janitor has looked whether a run is due, and what came of it.
func (f *inner) janitorLooks(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.janitor = doctor.JanitorState{Running: true, Looked: time.Now().UTC()}
	if err != nil {
		f.janitor.Err = err.Error()
	}
}

func (f *inner) janitorStopped() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.janitor.Running = false
}

// runtime is what /status adds for identityd doctor.
func (s *Stack) runtime() doctor.Runtime {
	s.inner.mu.Lock()
	defer s.inner.mu.Unlock()
	out := doctor.Runtime{Now: time.Now().UTC(), Waiting: append([]string{}, s.inner.waiting...), Certificates: []doctor.Certificate{}}
	if !s.inner.janitor.Looked.IsZero() {
		state := s.inner.janitor
		out.Janitor = &state
	}
	for _, r := range s.certs.all() {
		out.Certificates = append(out.Certificates, doctor.Certificate{File: r.File(), SHA256: r.Digest(), NotAfter: r.NotAfter().UTC(), Failing: r.Failing()})
	}
	out.Files = doctor.MostFiles()
	return out
}
