package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// least is how much of a text the license that was found in it must cover, in percent: the rest is the
// name of whoever holds the rights, or an introduction.
const least = 75

// licenseFile returns the file of all licenses: a line for each module, then each text once.
func licenseFile() ([]byte, error) {
	list, err := modules()
	if err != nil {
		return nil, err
	}
	var lines, texts bytes.Buffer
	numbers := map[[sha256.Size]byte]int{}
	for _, l := range list {
		files, err := l.licensed()
		if err != nil {
			return nil, fmt.Errorf("reading the licenses of %s: %w", l.Path, err)
		}
		var ids, refs []string
		for _, name := range sorted(files) {
			text := files[name]
			// Line breaks and margins differ where the words do not.
			key := sha256.Sum256([]byte(strings.Join(strings.Fields(text), " ")))
			if numbers[key] == 0 {
				numbers[key] = len(numbers) + 1
				fmt.Fprintf(&texts, "\n==== [%d] %s of %s ====\n\n%s", numbers[key], name, l.Path, text)
			}
			refs = append(refs, fmt.Sprintf("[%d]", numbers[key]))
			ids = append(ids, identify(l.Path, name, text)...)
		}
		slices.Sort(ids)
		license := strings.Join(slices.Compact(ids), " AND ")
		if license == "" {
			license = "UNKNOWN"
		}
		from := l.Path + " " + l.Version
		if r := l.Replace; r != nil && r.Version != "" {
			from += " => " + r.Path + " " + r.Version
		} else if r != nil {
			from += " => " + r.Path
		}
		fmt.Fprintf(&lines, "%s | %s | %s\n", from, license, strings.Join(refs, " "))
	}
	out := bytes.NewBufferString(head)
	out.Write(lines.Bytes())
	out.Write(texts.Bytes())
	return out.Bytes(), nil
}

const head = `The licenses of what is linked into identityd, on any platform that releases are made for.
Made by make licenses; do not edit. Each line has a module and its version, its license (SPDX), and the numbers of its texts below.
The source of a module is at https://proxy.golang.org/<module>/@v/<version>.zip; that of the Go standard library
(std) at https://go.dev/dl. Nothing of it was changed; where "=>" stands, what is right of it is linked.

`

// identify returns what licenses a text is, by their SPDX names. Notices and patent grants come beside a license.
func identify(module, name, text string) []string {
	if ids, known := read()[module+" "+name]; known {
		return ids
	}
	upper := strings.ToUpper(path.Base(name))
	if strings.HasPrefix(upper, "NOTICE") || strings.HasPrefix(upper, "PATENTS") {
		return nil
	}
	cover := licensecheck.Scan([]byte(text))
	// A list of licenses has much text between them.
	if cover.Percent < least && (len(cover.Match) == 0 || !strings.Contains(upper, "3RD-PARTY")) {
		return []string{"UNKNOWN"}
	}
	var out []string
	for _, m := range cover.Match {
		if !m.IsURL {
			out = append(out, m.ID)
		}
	}
	return out
}

// read are the files that a person read, because they quote a license or describe something else.
func read() map[string][]string {
	return map[string][]string{
		"modernc.org/sqlite LICENSE-SQLITE":                  {"blessing"}, // SQLite's own: public domain
		"modernc.org/memory LICENSE-LOGO":                    nil,          // of a picture, which is not linked
		"github.com/opencontainers/go-digest LICENSE.docs":   nil,          // of documents, which are not linked
		"github.com/ory/dockertest/v3 docker/DOCKER-LICENSE": {"Apache-2.0"},
	}
}

func sorted(files map[string]string) []string {
	var out []string
	for name := range files {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
