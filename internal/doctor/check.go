package doctor

import (
	"context"
	"fmt"
)

// Level says how bad a finding is.
type Level string

// The levels. A check that was left out is Skipped.
const (
	OK      Level = "ok"
	Warning Level = "warning"
	Fault   Level = "fault"
	Skipped Level = "skipped"
)

// The areas, in the order in which people read them.
const (
	Configuration = "configuration"
	Running       = "process"
	Addresses     = "addresses"
	TLS           = "tls"
	SignIn        = "sign-in"
	Mail          = "mail"
	Admin         = "admin"
	Clients       = "clients"
	Hooks         = "hooks"
	Database      = "database"
	Secrets       = "secrets"
	Clock         = "clock"
	Housekeeping  = "housekeeping"
	Machine       = "machine"
)

// Areas returns the areas in the order in which people read them.
func Areas() []string {
	return []string{
		Configuration, Running, Addresses, TLS, SignIn, Mail, Admin, Clients, Hooks, Database, Secrets, Clock, Housekeeping, Machine,
	}
}

// Needs is what a check cannot do without.
type Needs uint8

// What a check may need. NeedsDatabase: both databases answer. NeedsTables: and they are migrated. NeedsNetwork:
// it calls somebody, which --offline and outbound.none leave out. NeedsProcess: an identityd runs from data_dir.
const (
	NeedsDatabase Needs = 1 << iota
	NeedsTables
	NeedsNetwork
	NeedsProcess
)

// Check is one thing to look at.
type Check struct {
	// Area is one of Areas, Name is unique in it.
	Area, Name string
	// Tells is what is so where nothing was found, in half a sentence; the documentation lists it.
	Tells string
	// Words are the words of stack.yaml that it relies on, sections or keys.
	Words []string
	// Needs is what it cannot do without.
	Needs Needs
	// Run looks. No finding means that all is well.
	Run func(ctx context.Context, s *Subject) []Finding
}

// Finding is what a check found.
type Finding struct {
	Level Level
	// Text names the key and the value, Cure says what to do: a command or a word of stack.yaml.
	Text, Cure string
	// Fix does it; nil where that is for people.
	Fix *Fix
	// Shown is for what people copy out of it: it is printed however well all is.
	Shown bool
}

// Fix is something that cannot harm.
type Fix struct {
	// Doing is a command that would do the same.
	Doing string
	Do    func() error
}

// Okf is a finding that says more of what is well than Check.Tells.
func Okf(format string, args ...any) Finding {
	return Finding{Level: OK, Text: fmt.Sprintf(format, args...)}
}

// Warningf is a finding that will need action.
func Warningf(format string, args ...any) Finding {
	return Finding{Level: Warning, Text: fmt.Sprintf(format, args...)}
}

// Faultf is a finding of something that does not work, or that must not be so.
func Faultf(format string, args ...any) Finding {
	return Finding{Level: Fault, Text: fmt.Sprintf(format, args...)}
}

// Skippedf says why a check could not look.
func Skippedf(format string, args ...any) Finding {
	return Finding{Level: Skipped, Text: fmt.Sprintf(format, args...)}
}

// Cured returns the finding with its cure.
func (f Finding) Cured(format string, args ...any) Finding {
	f.Cure = fmt.Sprintf(format, args...)
	return f
}

// Fixed returns the finding with a safe fix, which is its cure too.
func (f Finding) Fixed(doing string, do func() error) Finding {
	f.Fix = &Fix{Doing: doing, Do: do}
	if f.Cure == "" {
		f.Cure = "run " + doing
	}
	return f
}

// count names a number of things.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %s", n, plural(what))
}

func plural(what string) string {
	if what[len(what)-1] == 's' {
		return what + "es"
	}
	return what + "s"
}
