package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/identityd/internal/config"
)

// The time that a check has, and what it may take to say that it had too little of it.
const (
	deadline = 5 * time.Second
	grace    = time.Second
)

// Options say how to examine.
type Options struct {
	// Fix does what is safe.
	Fix bool
	// Offline leaves out what goes over the network.
	Offline bool
	// Deadline is the time that each check has; 0 is five seconds.
	Deadline time.Duration
	// Net is the network that is asked; the zero value is that of this machine.
	Net Net
}

// Result is what was found, in the order of the areas and of the checks.
type Result struct {
	Checks []Row `json:"checks"`
	// OK says that no fault is left.
	OK bool `json:"ok"`
}

// Row is one finding, or one check that found nothing.
type Row struct {
	Area  string `json:"area"`
	Check string `json:"check"`
	Level Level  `json:"level"`
	Text  string `json:"text"`
	Cure  string `json:"cure"`
	// Fix is what --fix does, empty where it does nothing; Fixed says that it did.
	Fix   string `json:"fix"`
	Fixed bool   `json:"fixed"`
	// Shown rows are printed however well all is.
	Shown bool `json:"-"`
}

// Count returns how many rows have a level and were not fixed.
func (r Result) Count(l Level) int {
	n := 0
	for _, row := range r.Checks {
		if row.Level == l && !row.Fixed {
			n++
		}
	}
	return n
}

// Examine runs the checks, all at once.
func Examine(ctx context.Context, s *Subject, checks []Check, o Options) Result {
	if o.Deadline == 0 {
		o.Deadline = deadline
	}
	s.limit = o.Deadline
	defer s.close()
	found := make([][]Finding, len(checks))
	var all sync.WaitGroup
	for i, c := range checks {
		all.Go(func() {
			if found[i] = s.leaveOut(ctx, c, o); found[i] == nil {
				found[i] = within(ctx, o.Deadline, c, s)
			}
		})
	}
	all.Wait()
	out := Result{Checks: []Row{}}
	for _, area := range Areas() {
		for i, c := range checks {
			if c.Area == area {
				out.Checks = append(out.Checks, rows(c, found[i], o.Fix)...)
			}
		}
	}
	out.OK = out.Count(Fault) == 0
	return out
}

// within runs a check. A server that hangs, and a driver that does not listen to the end of its context, must
// not hang the doctor: the goroutine is left behind, and the process is about to end.
func within(ctx context.Context, limit time.Duration, c Check, s *Subject) []Finding {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := make(chan []Finding, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- []Finding{Warningf("%s/%s broke off: %v", c.Area, c.Name, p).Cured("report it: this is a fault of identityd")}
			}
		}()
		done <- c.Run(ctx, s)
	}()
	late := time.NewTimer(limit + grace)
	defer late.Stop()
	select {
	case f := <-done:
		return f
	case <-late.C:
		finding := Warningf("%s was not answered within %s", c.Name, limit)
		if len(c.Words) == 0 {
			return []Finding{finding.Cured("give it longer: identityd doctor --timeout 1m")}
		}
		return []Finding{finding.Cured("look at what it asks (%s), then run identityd doctor again", strings.Join(c.Words, ", "))}
	}
}

// leaveOut says why a check cannot look; nil when it can.
func (s *Subject) leaveOut(ctx context.Context, c Check, o Options) []Finding {
	if p := s.wrongAbout(c.Words); p != "" {
		return []Finding{Skippedf("%s is wrong", p)}
	}
	if c.Needs&NeedsNetwork != 0 {
		switch {
		case o.Offline:
			return []Finding{Skippedf("--offline")}
		case s.Config.Outbound.None:
			return []Finding{Skippedf("outbound.none")}
		}
	}
	if c.Needs&NeedsProcess != 0 && s.Process == nil {
		return []Finding{Skippedf("no identityd runs from data_dir")}
	}
	if c.Needs&(NeedsDatabase|NeedsTables) != 0 {
		if p := s.wrongAbout([]string{"database", "data_dir"}); p != "" {
			return []Finding{Skippedf("%s is wrong", p)}
		}
		if o.Offline && s.remoteDatabase() {
			return []Finding{Skippedf("--offline")}
		}
		for _, d := range s.Databases(ctx) {
			switch {
			case d.Err != nil:
				return []Finding{Skippedf("the database does not answer")}
			case c.Needs&NeedsTables != 0 && !d.Tables:
				return []Finding{Skippedf("the database has no tables yet")}
			}
		}
	}
	return nil
}

// wrongAbout returns the first of the words that the configuration is wrong about, empty for none. A file
// that could not be read is wrong about everything.
func (s *Subject) wrongAbout(words []string) string {
	for _, w := range words {
		i := slices.IndexFunc(s.Problems, func(p config.Problem) bool { return p.Path == "" || p.Exposed == "" && under(p.Path, w) })
		if i >= 0 {
			if s.Problems[i].Path == "" {
				return "the file"
			}
			return s.Problems[i].Path
		}
	}
	return ""
}

// under reports whether path is word, in the section word, or the file that has its value.
func under(path, word string) bool {
	rest, ok := strings.CutPrefix(path, word)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[' || rest == "_file")
}

func rows(c Check, found []Finding, fix bool) []Row {
	if len(found) == 0 {
		found = []Finding{Okf("%s", c.Tells)}
	}
	var out []Row
	for _, f := range found {
		row := Row{Area: c.Area, Check: c.Name, Level: f.Level, Text: f.Text, Cure: f.Cure, Shown: f.Shown}
		if f.Fix != nil {
			row.Fix = f.Fix.Doing
		}
		if fix && f.Fix != nil {
			if err := f.Fix.Do(); err != nil {
				row.Text += fmt.Sprintf(" (%s failed: %v)", f.Fix.Doing, err)
			} else {
				row.Fixed = true
			}
		}
		out = append(out, row)
	}
	return out
}
