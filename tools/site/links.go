package main

import (
	"fmt"
	"html"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// files knows what of the repository is on the site, and takes in the files that pages show.
type files struct {
	root      string
	options   options
	documents map[string]*document
	// copied are files that go along as they are, by their path on the site.
	copied map[string][]byte
}

// target is where a link leads: href, or file alone where only its name is shown.
type target struct {
	href, file string
	outside    bool
	// title is that of a page of the site.
	title string
}

// relative is the address of one file of the site on a page of it.
func relative(from, to string) string {
	up := strings.Repeat("../", strings.Count(from, "/"))
	return up + to
}

func (f *files) target(from *page, link string) (target, error) {
	if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
		return target{href: link, outside: true}, nil
	}
	name, anchor, hasAnchor := strings.Cut(link, "#")
	file := from.source
	if name != "" {
		file = path.Join(folderOf(from), name)
	}
	if d := f.documents[file]; d != nil {
		if hasAnchor && !d.ids[anchor] {
			return target{}, fmt.Errorf("%s links to %s, but %s has no such heading", from.source, link, d.source)
		}
		href := relative(from.out, d.out)
		switch {
		case name == "":
			href = "#" + anchor
		case hasAnchor:
			href += "#" + anchor
		}
		return target{href: href, title: d.title}, nil
	}
	info, err := os.Stat(filepath.Join(f.root, file))
	if err != nil {
		return target{}, fmt.Errorf("%s links to %s, which does not exist", from.source, link)
	}
	if !info.IsDir() && goesAlong(file) {
		out, err := f.take(file)
		return target{href: relative(from.out, out)}, err
	}
	if f.options.source != "" {
		return target{href: strings.TrimSuffix(f.options.source, "/") + "/" + file, outside: true}, nil
	}
	return target{file: file}, nil
}

// folderOf is what relative links of a page start from. The page of a folder is that folder's.
func folderOf(p *page) string {
	if path.Ext(p.source) == "" && path.Base(p.out) == "index.html" {
		return p.source
	}
	return path.Dir(p.source)
}

// goesAlong tells files that a page of the site needs from sources, which it names.
func goesAlong(file string) bool {
	return file == "LICENSE" || slices.Contains([]string{".png", ".svg"}, path.Ext(file)) || strings.HasPrefix(file, "docs/") && path.Ext(file) == ".txt"
}

func (f *files) take(file string) (string, error) {
	content, err := os.ReadFile(filepath.Join(f.root, file))
	if err != nil {
		return "", err
	}
	out := "files/" + strings.TrimPrefix(file, "docs/")
	if path.Ext(file) == "" {
		out += ".txt"
	}
	f.copied[out] = content
	return out, nil
}

var (
	styleElement = regexp.MustCompile(`(?s)<style>.*?</style>\s*`)
	beforeSVG    = regexp.MustCompile(`(?s)^.*?(<svg )`)
)

// picture shows an image. Diagrams of ours become part of the page, so that they have its colors and letters; the
// style they carry for other places is that of site.css.
func (f *files) picture(from *page, link, alt string) (string, error) {
	file := path.Join(folderOf(from), link)
	if !strings.HasPrefix(file, "docs/diagrams/") {
		out, err := f.take(file)
		if err != nil {
			return "", fmt.Errorf("%s shows %s: %w", from.source, link, err)
		}
		return fmt.Sprintf(`<img src="%s" alt="%s" loading="lazy">`, html.EscapeString(relative(from.out, out)), html.EscapeString(alt)), nil
	}
	raw, err := os.ReadFile(filepath.Join(f.root, file))
	if err != nil {
		return "", fmt.Errorf("%s shows %s: %w", from.source, link, err)
	}
	svg := styleElement.ReplaceAllString(beforeSVG.ReplaceAllString(string(raw), "$1"), "")
	return `<span class="diagram">` + strings.TrimSpace(svg) + `</span>`, nil
}
