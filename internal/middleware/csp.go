package middleware

import (
	"net/http"
	"slices"
	"strings"
)

// CSPHeader is the header a CSP is sent in.
const CSPHeader = "Content-Security-Policy"

// CSP is a content security policy. It is a value: With and Without return a changed copy, so that
// one page's needs do not leak into another's.
type CSP struct {
	directives []directive
}

type directive struct {
	name    string
	sources []string
}

// DefaultCSP is the policy of the pages: nothing but our own styles, scripts and images. It has no
// form-action, which Chromium applies along the whole redirect chain after a submit: a page whose
// form leads to an application's origin must leave it out, all others add it by With.
func DefaultCSP() CSP {
	return CSP{}.
		With("default-src", "'none'").
		With("style-src", "'self'").
		With("img-src", "'self'", "data:").
		With("script-src", "'self'").
		With("frame-ancestors", "'none'").
		With("base-uri", "'none'")
}

// With returns the policy with the directive set to the sources; none means 'none'. A source that
// could end the directive and start another is left out.
func (c CSP) With(name string, sources ...string) CSP {
	kept := make([]string, 0, len(sources))
	for _, s := range sources {
		if s != "" && !strings.ContainsFunc(s, breaksSource) {
			kept = append(kept, s)
		}
	}
	if len(kept) == 0 {
		kept = []string{"'none'"}
	}
	changed := slices.Clone(c.directives)
	d := directive{name: name, sources: kept}
	if i := slices.IndexFunc(changed, d.sameName); i >= 0 {
		changed[i] = d
	} else {
		changed = append(changed, d)
	}
	return CSP{directives: changed}
}

// Without returns the policy without the directive.
func (c CSP) Without(name string) CSP {
	d := directive{name: name}
	return CSP{directives: slices.DeleteFunc(slices.Clone(c.directives), d.sameName)}
}

// String returns the header's value.
func (c CSP) String() string {
	parts := make([]string, 0, len(c.directives))
	for _, d := range c.directives {
		parts = append(parts, d.name+" "+strings.Join(d.sources, " "))
	}
	return strings.Join(parts, "; ")
}

// Apply makes it the policy of one response, in place of the one SecurityHeaders set.
func (c CSP) Apply(h http.Header) { h.Set(CSPHeader, c.String()) }

func (d directive) sameName(other directive) bool { return d.name == other.name }

func breaksSource(r rune) bool {
	return r <= ' ' || r == ';' || r == ',' || r >= 0x7f
}
