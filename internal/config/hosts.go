package config

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// hostForm returns what is wrong with how an address spells its host, empty for nothing. Browsers read a
// backslash as a slash and send hosts in ASCII and lower case: an address in another spelling looks like
// one place and is another, or matches nothing.
func hostForm(raw string, u *url.URL) string {
	if msg := hostLetters(raw, u); msg != "" {
		return msg
	}
	return hostCase(raw)
}

func hostCase(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	if host := u.Hostname(); strings.ToLower(host) != host {
		return fmt.Sprintf("must name its host in lower case, as browsers do (got %s); write %s", quote(host), strings.ToLower(host))
	}
	return ""
}

// hostLetters is hostForm without the question of case.
func hostLetters(raw string, u *url.URL) string {
	host := u.Hostname()
	if strings.Contains(raw, `\`) {
		return fmt.Sprintf("must not hold a backslash, which browsers read as a slash (got %s); write /", quote(raw))
	}
	for _, r := range host {
		if r > unicode.MaxASCII {
			if ascii, err := idna.Lookup.ToASCII(host); err == nil && mixedLabel(host) == "" {
				return fmt.Sprintf("must name its host in ASCII (got %s); write %s", quote(host), ascii)
			}
			return fmt.Sprintf("must name its host in ASCII (got %s, which may look like another name); write the name that the registry gave out", quote(host))
		}
	}
	if label := mixedLabel(host); label != "" {
		return fmt.Sprintf("must not name a host that mixes alphabets (got %s, which reads %s); write the name that the registry gave out",
			quote(host), quote(label))
	}
	return ""
}

// mixedLabel returns the first label of host, as it is read, that mixes Latin with letters of an alphabet
// that has the same shapes.
func mixedLabel(host string) string {
	shown, err := idna.Display.ToUnicode(host)
	if err != nil {
		shown, _ = idna.Punycode.ToUnicode(host)
	}
	for label := range strings.SplitSeq(shown, ".") {
		alphabets := map[string]bool{}
		for _, r := range label {
			for name, table := range map[string]*unicode.RangeTable{
				"Latin": unicode.Latin, "Cyrillic": unicode.Cyrillic, "Greek": unicode.Greek,
				"Armenian": unicode.Armenian, "Cherokee": unicode.Cherokee,
			} {
				if unicode.Is(table, r) {
					alphabets[name] = true
				}
			}
		}
		if len(alphabets) > 1 {
			return label
		}
	}
	return ""
}

var digits = regexp.MustCompile(`^[0-9]+$`)

// wildcardProblem judges the host behind the *. of a wildcard: whoever may register names below it would be
// let in.
func wildcardProblem(raw, host string) string {
	host = canonicalHost(host)
	last := host[strings.LastIndex(host, ".")+1:]
	switch suffix, _ := publicsuffix.PublicSuffix(host); {
	case !strings.Contains(host, "."), digits.MatchString(last), strings.Contains(host, ":"):
		return fmt.Sprintf("must hold a wildcard only below a domain of your own, such as https://*.example.com (got %s)", quote(raw))
	case suffix == host:
		return fmt.Sprintf("must not let every host of a public suffix through (got %s); anybody can register a name there", quote(raw))
	}
	return ""
}

// cutWildcard takes the *. off the host of an address. It reports false where a wildcard is anything but the
// whole first label: to the engines *foo.com is evilfoo.com too (docs/ory-quirks.md#q85).
func cutWildcard(raw string) (plain string, wild, ok bool) {
	plain = raw
	for _, scheme := range []string{"https://", "http://"} {
		if rest, found := strings.CutPrefix(raw, scheme+"*."); found {
			plain, wild = scheme+rest, true
		}
	}
	return plain, wild, !strings.Contains(plain, "*")
}
