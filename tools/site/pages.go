package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const indexFile = "docs/index.md"

// page is one document and what becomes of it.
type page struct {
	// source is its path in the repository, out that in the site.
	source, out string
	// title is what navigation calls it, lead one line of what it is for.
	title, lead string
	section     string
	// text is its Markdown.
	text []byte
	// listed tells pages with a line in the index from those in its folders.
	listed bool
}

// section is a heading of the index with its pages.
type section struct {
	Title string
	Pages []*page
}

var (
	sectionLine = regexp.MustCompile(`^## (.+)$`)
	pageLine    = regexp.MustCompile(`^- \[([^\]]+)\]\(([^)#]+)\): (.+)$`)
	titleLine   = regexp.MustCompile(`(?m)^# (.+)$`)
)

// outOf is where a document goes: docs/ is the root of the site. What lies in the root of the repository has a folder,
// because there is a SECURITY.md and a docs/security.md.
func outOf(source string) string {
	name := strings.TrimPrefix(source, "docs/")
	if !strings.Contains(source, "/") {
		name = "project/" + strings.ToLower(source)
	}
	return strings.TrimSuffix(name, ".md") + ".html"
}

// collect reads the index and every page it lists, and those of the folders it lists.
func collect(root string) ([]*section, []*page, error) {
	raw, err := os.ReadFile(filepath.Join(root, indexFile))
	if err != nil {
		return nil, nil, err
	}
	home := &page{source: indexFile, out: "index.html", title: "Documentation", lead: "All pages of the documentation of identityd.", text: raw, listed: true}
	pages := []*page{home}
	var sections []*section
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimRight(line, "\n")
		if m := sectionLine.FindStringSubmatch(line); m != nil {
			sections = append(sections, &section{Title: m[1]})
			continue
		}
		m := pageLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if len(sections) == 0 {
			return nil, nil, fmt.Errorf("%s: %s stands before the first section", indexFile, m[2])
		}
		now := sections[len(sections)-1]
		source := path.Join("docs", m[2])
		added, err := open(root, source, m[1], m[3], now.Title)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", indexFile, err)
		}
		now.Pages = append(now.Pages, added[0])
		pages = append(pages, added...)
	}
	if len(sections) == 0 {
		return nil, nil, fmt.Errorf("%s has no section", indexFile)
	}
	return sections, pages, nil
}

// open reads one page, or a folder of pages with a list of them before.
func open(root, source, title, lead, in string) ([]*page, error) {
	info, err := os.Stat(filepath.Join(root, source))
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		text, err := os.ReadFile(filepath.Join(root, source))
		return []*page{{source: source, out: outOf(source), title: title, lead: lead, section: in, text: text, listed: true}}, err
	}
	entries, err := os.ReadDir(filepath.Join(root, source))
	if err != nil {
		return nil, err
	}
	var list strings.Builder
	fmt.Fprintf(&list, "# %s\n\n%s\n\n", title, strings.ToUpper(lead[:1])+lead[1:])
	var inside []*page
	for _, entry := range entries {
		name := path.Join(source, entry.Name())
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		if path.Ext(name) != ".md" {
			fmt.Fprintf(&list, "- [%s](%s)\n", entry.Name(), entry.Name())
			continue
		}
		its := headingOf(text, entry.Name())
		fmt.Fprintf(&list, "- [%s](%s)\n", its, entry.Name())
		inside = append(inside, &page{source: name, out: outOf(name), title: its, lead: its, section: in, text: text})
	}
	front := &page{source: source, out: path.Join(strings.TrimPrefix(source, "docs/"), "index.html"), title: title, lead: lead, section: in, text: []byte(list.String()), listed: true}
	return slices.Insert(inside, 0, front), nil
}

func headingOf(text []byte, otherwise string) string {
	if m := titleLine.FindSubmatch(text); m != nil {
		return strings.ReplaceAll(string(m[1]), "`", "")
	}
	return otherwise
}
