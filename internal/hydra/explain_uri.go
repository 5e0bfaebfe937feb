package hydra

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/agnivade/levenshtein"
)

// whereDiffers says in words how an address that was sent differs from the registered one that is most like it.
// Addresses are compared as texts, so that what looks the same to people may not be. What it is of, a redirect_uri or
// an origin, decides about ports.
func whereDiffers(of, sent string, registered []string) (nearest, how string) {
	if len(registered) == 0 {
		return "", "no address is registered"
	}
	best := -1
	for _, one := range registered {
		if d := levenshtein.ComputeDistance(sent, one); best < 0 || d < best {
			best, nearest = d, one
		}
	}
	return nearest, difference(of, sent, nearest)
}

// difference names the first part in which two addresses differ.
func difference(of, sent, registered string) string {
	a, errA := url.Parse(sent)
	b, errB := url.Parse(registered)
	switch {
	case strings.TrimSpace(sent) == registered:
		return "it has a space before or after it"
	case errA != nil || errB != nil || a.Scheme == "" || a.Opaque != "":
		return "it is no whole address" + firstCharacter(sent, registered)
	case a.Scheme != b.Scheme:
		return fmt.Sprintf("the scheme is %s, and %s is registered", a.Scheme, b.Scheme)
	case !strings.EqualFold(a.Hostname(), b.Hostname()):
		return hostDifference(a, b)
	case a.Hostname() != b.Hostname():
		return fmt.Sprintf("the host is written %s, and registered as %s: capital letters count", a.Hostname(), b.Hostname())
	case a.Port() != b.Port():
		return portDifference(of, a, b)
	case a.Path+"/" == b.Path:
		return "the slash at the end is missing"
	case a.Path == b.Path+"/":
		return "it ends with a slash, and the registered one does not"
	case strings.EqualFold(a.Path, b.Path) && a.Path != b.Path:
		return fmt.Sprintf("the path is written %s, and registered as %s: capital letters count", a.Path, b.Path)
	case a.Path != b.Path:
		return fmt.Sprintf("the path is %s, and %s is registered%s", orNone(a.Path), orNone(b.Path), firstCharacter(a.Path, b.Path))
	case a.RawQuery != b.RawQuery:
		return fmt.Sprintf("the query is %s, and %s is registered: it has to be the same", orNone(a.RawQuery), orNone(b.RawQuery))
	case a.Fragment != "" || strings.Contains(sent, "#"):
		return "it has a fragment (#), which no address of a sign-in may have"
	}
	return "they are written differently" + firstCharacter(sent, registered)
}

func hostDifference(a, b *url.URL) string {
	how := fmt.Sprintf("the host is %s, and %s is registered", orNone(a.Hostname()), orNone(b.Hostname()))
	if loopback(a.Hostname()) && loopback(b.Hostname()) {
		how += ": both are this machine, and still two addresses"
	}
	return how
}

func portDifference(of string, a, b *url.URL) string {
	usual := map[string]string{"https": "443", "http": "80"}[a.Scheme]
	how := fmt.Sprintf("the port is %s, and %s is registered", orNone(a.Port()), orNone(b.Port()))
	switch {
	case usual != "" && (a.Port() == usual && b.Port() == "" || a.Port() == "" && b.Port() == usual):
		how += fmt.Sprintf(": %s is the port of %s anyhow, but addresses are compared as they are written", usual, a.Scheme)
	case of == "redirect_uri" && (a.Hostname() == "localhost" || strings.HasSuffix(a.Hostname(), ".localhost")):
		how += ": any port is taken at 127.0.0.1 and [::1] alone, not at the name localhost (RFC 8252, sections 7.3 and 8.3)"
	}
	return how
}

// firstCharacter says where two texts part.
func firstCharacter(a, b string) string {
	x, y := []rune(a), []rune(b)
	at := 0
	for at < len(x) && at < len(y) && x[at] == y[at] {
		at++
	}
	of := func(r []rune) string {
		if at < len(r) {
			return fmt.Sprintf("%q", r[at])
		}
		return "its end"
	}
	return fmt.Sprintf(" (they part at character %d: %s, and %s is registered)", at+1, of(x), of(y))
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// anyPort reports whether Hydra takes any port for a registered address (fosite: authorize_helper.go).
func anyPort(registered string) bool {
	u, err := url.Parse(registered)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}
