package doctest

import (
	"regexp"
	"strings"
)

var (
	continued = regexp.MustCompile(`\\\n\s*`)
	parts     = regexp.MustCompile(`&&|\|\||[|;&()]`)
	assigned  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=('[^']*'|"[^"]*"|\S*)\s*`)
	quoted    = regexp.MustCompile(`'[^']*'|"[^"]*"`)
	remark    = regexp.MustCompile(`(^|\s)#.*`)
	// redirected leaves nothing of 2>&1, where & is no end of a command.
	redirected = regexp.MustCompile(`\d?>&\d`)
)

// Commands are the programs that the lines of a shell block begin, as far as can be seen without a shell: what stands first, after
// assignments, on a line and behind what joins commands.
func (b Block) Commands() []string {
	text := continued.ReplaceAllString(b.Text, " ")
	// What is between quotes begins nothing; a text over several lines is gone with it.
	text = quoted.ReplaceAllString(text, "''")
	var out []string
	for line := range strings.Lines(text) {
		line = redirected.ReplaceAllString(remark.ReplaceAllString(line, ""), "")
		for _, part := range parts.Split(strings.TrimPrefix(strings.TrimSpace(line), "$ "), -1) {
			part = strings.TrimSpace(part)
			for assigned.MatchString(part) {
				part = assigned.ReplaceAllString(part, "")
			}
			if word, _, _ := strings.Cut(part, " "); word != "" {
				out = append(out, word)
			}
		}
	}
	return out
}
