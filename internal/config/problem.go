package config

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	// Path is the key, such as listen.ui; empty for the file as a whole.
	Path string
	// Message says what is wrong, with the value unless it may be secret, and the cure.
	Message string
	// Exposed is the file that others can read, where that is the problem.
	Exposed string
}

// String returns path and message on one line.
func (p Problem) String() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

// Problems is everything that is wrong with a configuration.
type Problems struct {
	// Source is the file, empty when there was none.
	Source string
	// List holds at least one problem, sorted by path.
	List []Problem
}

// Error returns one line per problem, sorted by path.
func (p *Problems) Error() string {
	lines := make([]string, len(p.List))
	for i, one := range p.List {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// collector gathers problems while a configuration is read.
type collector struct {
	problems, warnings []Problem
	// from names the environment variable or flag that set a path, for the message.
	from map[string]string
	// unread are the paths whose value was not understood; a rule must not judge the default there.
	unread map[string]bool
	// profile is that of the configuration, once it is known.
	profile Profile
	// onlyDatabase and anyMode are those of Options.
	onlyDatabase, anyMode bool
	// files are those that environment variables named.
	files []string
}

func (c *collector) add(path, format string, args ...any) {
	if !c.unread[path] {
		c.problems = append(c.problems, Problem{Path: path, Message: c.message(path, format, args)})
	}
}

func (c *collector) warn(path, format string, args ...any) {
	c.warnings = append(c.warnings, Problem{Path: path, Message: c.message(path, format, args)})
}

func (c *collector) message(path, format string, args []any) string {
	msg := fmt.Sprintf(format, args...)
	list, _, _ := strings.Cut(path, "[")
	if name := c.from[list]; name != "" {
		msg += " [set by " + name + "]"
	}
	return msg
}

// freeze marks everything reported so far as not understood.
func (c *collector) freeze() {
	c.unread = map[string]bool{}
	for _, p := range c.problems {
		c.unread[p.Path] = true
	}
}

func (c *collector) err(source string) *Problems {
	if c.onlyDatabase {
		c.problems = slices.DeleteFunc(c.problems, func(p Problem) bool {
			return p.Path != "" && p.Path != "profile" && !strings.HasPrefix(p.Path, "database") && !strings.HasPrefix(p.Path, envPrefix)
		})
	}
	if len(c.problems) == 0 {
		return nil
	}
	return &Problems{Source: source, List: sorted(c.problems)}
}

func sorted(list []Problem) []Problem {
	slices.SortStableFunc(list, func(a, b Problem) int {
		if a.Path != b.Path {
			return strings.Compare(a.Path, b.Path)
		}
		return strings.Compare(a.Message, b.Message)
	})
	return slices.Compact(list)
}
