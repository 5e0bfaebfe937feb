package forwardauth

import (
	"mime"
	"net/http"
	"strings"
)

// The headers by which an application is told who asks.
const (
	HeaderUser   = "Remote-User"
	HeaderEmail  = "Remote-Email"
	HeaderGroups = "Remote-Groups"
	HeaderName   = "Remote-Name"
)

// person is who is let in, in the words of claims.
type person struct {
	id, email, name string
	groups          []string
}

// personOf reads claims. An address that is not verified may be anybody's, and is no claim to anything here.
func personOf(id string, claims map[string]any) person {
	p := person{id: id}
	if verified, _ := claims["email_verified"].(bool); verified {
		p.email, _ = claims["email"].(string)
	}
	if p.name, _ = claims["name"].(string); p.name == "" {
		p.name, _ = claims["preferred_username"].(string)
	}
	switch list := claims["groups"].(type) {
	case []any:
		for _, each := range list {
			if name, ok := each.(string); ok {
				p.groups = append(p.groups, name)
			}
		}
	case []string:
		p.groups = list
	case string:
		p.groups = []string{list}
	}
	return p
}

// tell sets all four headers, empty where there is nothing: a proxy that copies them then takes away what the
// browser made up.
func (p person) tell(h http.Header) {
	h.Set(HeaderUser, ascii(p.id))
	h.Set(HeaderEmail, ascii(p.email))
	h.Set(HeaderName, encoded(p.name))
	var groups []string
	for _, g := range p.groups {
		// One that would read as two, or as another one, is none.
		if g != "" && ascii(g) == g && !strings.Contains(g, ",") && strings.TrimSpace(g) == g {
			groups = append(groups, g)
		}
	}
	h.Set(HeaderGroups, strings.Join(groups, ","))
}

// ascii returns what can be the value of a header as it is, or nothing.
func ascii(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return s
}

// encoded writes a name with other letters as RFC 2047 has it, which is all ASCII; no break of a line can be in it.
func encoded(name string) string {
	const longestName = 200
	if len(name) > longestName {
		return ""
	}
	return mime.QEncoding.Encode("utf-8", strings.TrimSpace(name))
}
