package doctest

import (
	"fmt"
	"regexp"
	"strings"
)

// Block is one fenced block of a document.
type Block struct {
	Page     string // its name from the root of the repository
	Line     int    // of its first line of text
	Language string // the first word behind the fence
	Text     string // without the indentation of the fence
	// RunBy is the test that runs it, of the comment <!-- run by: TestX --> on the line before.
	RunBy string
	// NotRun is why nothing runs it, of the comment <!-- not run here: why -->.
	NotRun string
	// File is the name that the page gives to the file which the block is, of the comment <!-- file: name -->.
	File string
	// Until is what a program says that goes on running in a terminal of its own, of the comment <!-- until: text -->.
	Until string
}

// At says where the block is.
func (b Block) At() string { return fmt.Sprintf("%s:%d", b.Page, b.Line) }

var (
	fence   = regexp.MustCompile("^( *)(```+)\\s*(\\S*)")
	comment = regexp.MustCompile(`^ *<!-- (run by|not run here|file|until): *(.*?) *-->$`)
)

// Parse returns the blocks of a page, in their order. A comment belongs to the block that follows it, with nothing but other comments
// between them.
func Parse(page, text string) ([]Block, error) {
	var (
		out    []Block
		marks  = map[string]string{}
		inside *Block
		indent string
		ticks  string
	)
	for i, line := range strings.Split(text, "\n") {
		open := fence.FindStringSubmatch(line)
		switch {
		case inside != nil && open != nil && open[2] == ticks && open[3] == "":
			out, inside = append(out, *inside), nil
		case inside != nil:
			inside.Text += strings.TrimPrefix(line, indent) + "\n"
		case open != nil:
			indent, ticks = open[1], open[2]
			inside = &Block{
				Page: page, Line: i + 2, Language: open[3],
				RunBy: marks["run by"], NotRun: marks["not run here"], File: marks["file"], Until: marks["until"],
			}
			clear(marks)
		case comment.MatchString(line):
			m := comment.FindStringSubmatch(line)
			marks[m[1]] = m[2]
		case strings.TrimSpace(line) != "" && len(marks) > 0:
			return nil, fmt.Errorf("%s:%d: a comment about a block stands before a line that is none", page, i+1)
		}
	}
	if inside != nil {
		return nil, fmt.Errorf("%s:%d: the block has no end", page, inside.Line)
	}
	return out, nil
}
