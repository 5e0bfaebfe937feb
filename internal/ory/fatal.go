package ory

import "sync"

// fatal remembers the last Fatal entry of a logger, because logrus calls its exit function with a
// number only.
type fatal struct {
	mu    sync.Mutex
	text  string
	cause string
}

func (f *fatal) set(text, cause string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.text, f.cause = text, cause
}

func (f *fatal) reason() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.text == "":
		return "exited without a reason"
	case f.cause == "":
		return f.text
	default:
		return f.text + ": " + f.cause
	}
}
