package main

import (
	"fmt"
	"regexp"
	"strings"
)

// table is the result as Markdown, and the tests that did not hold what was claimed.
func table(rows []claim, outcomes map[string]*outcome) (text string, failed []string) {
	var b strings.Builder
	section := ""
	for _, c := range rows {
		if c.section != section {
			section = c.section
			fmt.Fprintf(&b, "\n### %s\n\n| Fault | Tried | Happened | Test |\n| --- | --- | --- | --- |\n", section)
		}
		for _, name := range c.tests {
			o := outcomes[name]
			switch {
			case o == nil || o.Verdict == "":
				failed = append(failed, name+" (did not run)")
				row(&b, c.fault, "", "**did not run**", name)
			case o.Verdict == "fail":
				failed = append(failed, name)
				row(&b, c.fault, "", "**FAILED**", name)
			case o.Verdict == "skip":
				row(&b, c.fault, "", "SKIP: "+strings.Join(o.Skips, "; "), name)
			case len(o.Reports) == 0:
				row(&b, c.fault, sentence(name), "passed", name)
			}
			for _, r := range reports(o) {
				row(&b, c.fault, r[0], r[1], name)
			}
			if o != nil && o.Verdict == "pass" && len(o.Skips) > 0 {
				row(&b, c.fault, "a part of it", "SKIP: "+strings.Join(o.Skips, "; "), name)
			}
		}
	}
	return b.String(), failed
}

var word = regexp.MustCompile(`[A-Z][a-z0-9]*`)

// sentence is the name of a test that reports nothing, in words.
func sentence(name string) string {
	words := word.FindAllString(strings.TrimPrefix(name, "Test"), -1)
	return strings.ToLower(strings.Join(words, " "))
}

func reports(o *outcome) [][2]string {
	if o == nil {
		return nil
	}
	return o.Reports
}

func row(b *strings.Builder, fault, what, happened, test string) {
	cell := func(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
	fmt.Fprintf(b, "| %s | %s | %s | `%s` |\n", cell(fault), cell(what), cell(happened), test)
}
