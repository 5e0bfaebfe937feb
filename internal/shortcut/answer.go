package shortcut

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// answer is that of one step. It goes on to the browser as it is written when final says so, and is kept without
// its body otherwise.
type answer struct {
	to    http.ResponseWriter
	final func(status int, location string) bool
	// before are the cookies of the steps before this one.
	before []string
	// at is the path of the step, by which the browser knows none of them but the first.
	at     string
	header http.Header
	status int
	passed bool
}

// newAnswer begins with the headers that every answer has.
func newAnswer(to http.ResponseWriter, at string, before []string, final func(int, string) bool) *answer {
	return &answer{to: to, at: at, final: final, before: before, header: to.Header().Clone()}
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status != 0 || status < http.StatusOK {
		return
	}
	a.status = status
	if a.final(status, a.header.Get("Location")) {
		a.send()
	} else {
		a.header = a.header.Clone() // what the handler changes from now on would not be sent either
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if a.passed {
		return a.to.Write(p)
	}
	return len(p), nil
}

// finish is for a handler that wrote nothing, which net/http takes for 200.
func (a *answer) finish() {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
}

// cookies are those of this step and of all before it, in their order, each as it was set last.
func (a *answer) cookies() []string {
	out := slices.Clone(a.before)
	for _, raw := range a.header["Set-Cookie"] {
		c, err := http.ParseSetCookie(raw)
		if err == nil {
			out = slices.DeleteFunc(out, func(old string) bool {
				was, err := http.ParseSetCookie(old)
				return err == nil && was.Name == c.Name && was.Path == c.Path && was.Domain == c.Domain
			})
		}
		out = append(out, raw)
	}
	return out
}

// send gives the browser the head of the answer, and lets the rest of it through.
func (a *answer) send() {
	a.passed = true
	all, h := a.cookies(), a.to.Header()
	clear(h)
	maps.Copy(h, a.header)
	if there, err := url.Parse(h.Get("Location")); err == nil && there.Scheme == "" && there.Host == "" && there.Path != "" &&
		!strings.HasPrefix(there.Path, "/") {
		h.Set("Location", (&url.URL{Path: a.at}).ResolveReference(there).String())
	}
	if len(all) > 0 {
		h["Set-Cookie"] = all
	}
	a.to.WriteHeader(a.status)
}

// Unwrap serves http.ResponseController, once there is something to control.
func (a *answer) Unwrap() http.ResponseWriter { return a.to }
