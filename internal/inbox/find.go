package inbox

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"example.com/identityd/internal/identity"
)

// codeLength is Kratos' (selfservice/strategy/code/strategy.go, CodeLength); its codes are digits.
const codeLength = 6

// found fills in what a flow waits for. Kratos' templates put the code on a line of its own, then
// into the subject and, for verification, into the link; a person's own templates put it anywhere.
func found(m identity.Mail, origins []string) identity.Mail {
	body, hrefs := m.Text, []string(nil)
	if m.HTML != "" {
		var inner string
		inner, hrefs = htmlText(m.HTML)
		if body == "" {
			body = inner
		}
	}
	bare, urls := cutURLs(body)
	link := firstLink(append(urls, hrefs...), origins)
	if link != nil {
		m.Link = link.String()
	}
	m.Code = codeIn(bare)
	if m.Code == "" {
		m.Code = codeIn(m.Subject)
	}
	if m.Code == "" && link != nil && isCode(link.Query().Get("code")) {
		m.Code = link.Query().Get("code")
	}
	return m
}

// cutURLs separates the addresses from the words around them: the identifiers in an address may
// look like a code.
func cutURLs(s string) (string, []string) {
	address := regexp.MustCompile(`(?i)\bhttps?://[^\s<>"'\x60]+`)
	var urls []string
	rest := address.ReplaceAllStringFunc(s, func(u string) string {
		urls = append(urls, strings.TrimRight(u, ".,;:!?)]}"))
		return " "
	})
	return rest, urls
}

// firstLink is the first address that continues a flow: Kratos' links all carry its id.
func firstLink(urls, origins []string) *url.URL {
	for _, raw := range urls {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || u.User != nil || u.Query().Get("flow") == "" {
			continue
		}
		if u.Scheme != "http" && u.Scheme != "https" {
			continue
		}
		origin := u.Scheme + "://" + u.Host
		if len(origins) == 0 || slices.ContainsFunc(origins, func(o string) bool {
			return strings.EqualFold(strings.TrimRight(o, "/"), origin)
		}) {
			return u
		}
	}
	return nil
}

// codeIn prefers a line that is nothing but a code to a code within a sentence.
func codeIn(s string) string {
	within := ""
	for l := range strings.Lines(s) {
		if trimmed := strings.TrimSpace(l); isCode(trimmed) {
			return trimmed
		}
		if within == "" {
			within = codeWithin(l)
		}
	}
	return within
}

// codeWithin finds six digits that are not part of something longer, such as a color, an amount, a
// telephone number or a date.
func codeWithin(s string) string {
	isWord := func(r rune) bool {
		return !strings.ContainsRune(" \t\r\n()[]{}<>\"'*`:;!?,.\u00a0", r)
	}
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !isWord(r) && r != '.' && r != ',' }) {
		if word = strings.Trim(word, ".,"); isCode(word) {
			return word
		}
	}
	return ""
}

func isCode(s string) bool {
	return len(s) == codeLength && strings.Trim(s, "0123456789") == ""
}
