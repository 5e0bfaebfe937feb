package demo

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// curl is a command line that makes the same request. The secret is a variable of the reader's
// shell: a page is looked at by more people than a terminal.
func curl(x exchange, basicUser string) string {
	lines := []string{"curl"}
	implied := "GET"
	if len(x.Form) > 0 || x.Body != "" {
		implied = "POST"
	}
	if x.Method != implied {
		lines[0] += " -X " + x.Method
	}
	lines[0] += " " + quote(x.URL)
	if basicUser != "" {
		lines = append(lines, "-u "+quote(basicUser+":")+`"$CLIENT_SECRET"`)
	}
	for _, h := range x.Header {
		named := h.Name == "Authorization" && basicUser != ""
		ofForm := h.Name == "Content-Type" && len(x.Form) > 0
		if !named && !ofForm {
			lines = append(lines, "-H "+quote(h.Name+": "+h.Value))
		}
	}
	for _, p := range x.Form {
		if p.Value == masked {
			lines = append(lines, "--data-urlencode "+quote(p.Name+"=")+`"$CLIENT_SECRET"`)
			continue
		}
		lines = append(lines, "--data-urlencode "+quote(p.Name+"="+p.Value))
	}
	if x.Body != "" {
		lines = append(lines, "-d "+quote(x.Body))
	}
	return strings.Join(lines, " \\\n  ")
}

// quote makes a word that no shell reads anything into.
func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// pretty indents JSON and shows everything else as it came, if it is text.
func pretty(raw []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, bytes.TrimSpace(raw), "", "  ") == nil {
		return out.String()
	}
	if !utf8.Valid(raw) {
		return "(not text)"
	}
	return strings.TrimSpace(string(raw))
}
