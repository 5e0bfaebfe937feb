package main

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// claim is a row of docs/security.md that names tests in its last cell.
type claim struct {
	section, fault string
	tests          []string
}

var (
	named   = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]*)`")
	link    = regexp.MustCompile(`\[([^\]]+)\]\([^)]*\)`)
	heading = regexp.MustCompile(`^##+ +(.*)$`)
)

// claims reads the rows of a document, in its order.
func claims(path string) ([]claim, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the claims: %w", err)
	}
	defer func() { _ = f.Close() }()
	var out []claim
	section := ""
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if m := heading.FindStringSubmatch(line); m != nil {
			section = m[1]
			continue
		}
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		c := claim{section: section, fault: link.ReplaceAllString(strings.TrimSpace(cells[0]), "$1")}
		for _, m := range named.FindAllStringSubmatch(cells[len(cells)-1], -1) {
			c.tests = append(c.tests, m[1])
		}
		if len(c.tests) > 0 {
			out = append(out, c)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the claims: %w", err)
	}
	return out, nil
}
