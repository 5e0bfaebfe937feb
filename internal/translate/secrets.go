package translate

import (
	"path"
	"slices"
	"strings"
)

// file puts a file beside stack.yaml and returns how stack.yaml names it.
func (d *draft) file(name string, data []byte, secret bool) string {
	name = path.Join(d.in.Folder, name)
	d.files = append(d.files, File{Name: name, Data: data, Secret: secret})
	return "./" + name
}

// secret writes a secret into a file of its own, and the word of the file.
func (d *draft) secret(word, name, value string) {
	if d.in.InlineSecrets {
		d.sealed = true
		d.set(word, value)
		return
	}
	d.set(word+"_file", d.file(name, []byte(value+"\n"), true))
}

// secrets takes the three lists over. What stands first seals from now on, and has to be good enough; the rest
// still opens what it sealed.
func (d *draft) secrets() {
	first := map[string]bool{}
	var renewed, fresh []string
	for _, one := range []struct {
		word, name string
		have       []string
		exact      bool
	}{
		{"secrets.system", "system", d.strs(hydra, "secrets.system"), false},
		{"secrets.cookie", "cookie", d.cookieSecrets(), false},
		{"secrets.cipher", "cipher", d.strs(kratos, "secrets.cipher"), true},
	} {
		list := d.usable(one.word, one.have, one.exact)
		if len(list) == 0 || !goodSecret(list[0]) || first[list[0]] {
			made, err := d.in.Secret()
			if err != nil {
				d.problems.add("the import", one.word, "cannot be made: %v", err)
				return
			}
			if len(list) > 0 {
				renewed = append(renewed, one.word)
			} else {
				fresh = append(fresh, one.word)
			}
			list = append([]string{made}, list...)
		}
		first[list[0]] = true
		if d.in.InlineSecrets {
			d.sealed = true
			d.set(one.word, list)
			continue
		}
		d.set(one.word+"_file", d.file(one.name, []byte(strings.Join(list, "\n")+"\n"), true))
	}
	if len(renewed) > 0 {
		d.note("secrets", "%s: a new secret stands first, because the old one is not 32 random bytes, or stands in another list too. The old one still "+
			"opens what it sealed; once nothing needs it any more (identityd secrets status), take it out", strings.Join(renewed, ", "))
	}
	if len(fresh) > 0 {
		d.note("secrets", "%s: made anew, since the settings had none", strings.Join(fresh, ", "))
	}
	if len(d.values[hydra]) > 0 && len(d.strs(hydra, "secrets.cookie")) == 0 {
		d.note("secrets.cookie", "Hydra signed its cookies with secrets.system, since it had no secrets.cookie. Those cookies end: applications "+
			"that relied on a remembered sign-in ask for it once more")
	}
}

// cookieSecrets are those of both engines: identityd has one list. Kratos makes codes with secrets.default.
func (d *draft) cookieSecrets() []string {
	all := slices.Concat(d.strs(kratos, "secrets.cookie"), d.strs(kratos, "secrets.default"), d.strs(hydra, "secrets.cookie"))
	var out []string
	for _, s := range all {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// usable leaves out what an engine would not have used either (docs/ory-quirks.md#q161).
func (d *draft) usable(word string, list []string, exact bool) []string {
	const least, length = 16, 32
	var out []string
	for _, s := range list {
		switch {
		case strings.TrimSpace(s) == "" || slices.Contains(out, s):
		case strings.ContainsAny(s, "\r\n") || strings.TrimSpace(s) != s:
			d.problems.add("the import", word, "has a secret that begins or ends with a space or has several lines, which a file with one a line cannot hold; "+
				"use --inline-secrets, or rotate it before")
		case exact && len(s) != length, len(s) < least:
			d.note(word, "leaves out a secret of %d bytes, which the engine did not use either", len(s))
		default:
			out = append(out, s)
		}
	}
	return out
}

// goodSecret is what internal/config asks of a secret that seals.
func goodSecret(s string) bool {
	const length, fewest = 32, 8
	lower := strings.ToLower(s)
	for _, word := range []string{"change", "default", "example", "secret", "insecure", "please"} {
		if strings.Contains(lower, word) {
			return false
		}
	}
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(s) == length && len(seen) >= fewest
}
