package why

import (
	"slices"
	"strings"
)

// CodeKey is the key of access lines for the code of what went wrong, as whoever asked was told it.
const CodeKey = "error_code"

// Admin is in front of what the guard of the admin APIs refused, by the status of its answer; Panicked tells of a
// fault of the program.
const (
	Admin    = "admin:"
	Panicked = "panicked"
)

// Codes tells the code of a failed request at the moment of its answer, by the same catalog that Explain reads the log
// with. It is made once: the catalog is.
type Codes struct{ causes []Cause }

// NewCodes returns the codes of the catalog.
func NewCodes() Codes { return Codes{Catalog()} }

// Of returns the code of a step that is being answered, empty for one that does what it should.
func (c Codes) Of(s *Step) string {
	s.Logged = true // it is going to be
	found, _ := first(c.causes, s)
	return found.Name
}

func first(causes []Cause, s *Step) (Cause, bool) {
	i := slices.IndexFunc(causes, func(c Cause) bool { return c.Is != nil && c.Is(s) })
	if i < 0 {
		return Cause{}, false
	}
	return causes[i], true
}

// Known returns what a code means.
func Known(code string) (Failure, bool) {
	all := Failures()
	i := slices.IndexFunc(all, func(f Failure) bool { return f.Code == code })
	if i < 0 {
		return Failure{}, false
	}
	return all[i], true
}

// Near returns the codes that have a part of a text in them, for one that is not known.
func Near(text string) []string {
	var out []string
	for _, f := range Failures() {
		for part := range strings.SplitSeq(strings.ToLower(text), "_") {
			if len(part) > 3 && strings.Contains(f.Code, part) {
				out = append(out, f.Code)
				break
			}
		}
	}
	return out
}

// Failure is a row of the catalog as it is told of nobody in particular.
type Failure struct {
	// Code never changes once it was released, and is never used for anything else.
	Code string `json:"code"`
	// Area is where it is met: service, admin, door, person, application, start or other.
	Area string `json:"area"`
	// Seen is what whoever meets it sees, Means what happened, and Cure what to do.
	Seen  string `json:"seen"`
	Means string `json:"means"`
	Cure  string `json:"cure"`
}

// Failures are all rows, in the order in which they are looked for.
func Failures() []Failure {
	tale := &Tale{}
	out := startFailures()
	for _, group := range []struct {
		area   string
		causes []Cause
	}{
		{"service", serviceCauses()},
		{"admin", adminCauses()},
		{"door", doorCauses()},
		{"person", personCauses()},
		{"application", oauthCauses()},
		{"other", lastCauses()},
	} {
		for _, c := range group.causes {
			step := &Step{Method: "METHOD", Path: "PATH", Causes: []string{}, Events: []Event{{Kind: "EVENT", Outcome: "failed"}}, Mails: []Mail{{Template: "TEMPLATE", Status: MailWaiting, Attempts: 1}}}
			f := Failure{Code: c.Name, Area: group.area, Seen: c.Seen, Means: c.Means, Cure: c.Cure(tale, step)}
			if f.Means == "" {
				f.Means = strings.Replace(c.Sentence(tale, step), "Somebody who is not known yet", "Somebody", 1)
			}
			out = append(out, f)
		}
	}
	return out
}
