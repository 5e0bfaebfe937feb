package forwardauth

import (
	"slices"
	"strings"
)

// Rule says who may open some addresses.
type Rule struct {
	Host string
	// Paths are those it is for, with what is below each; none is all.
	Paths []string
	// Groups are those of whom one is needed; none is everybody who is signed in.
	Groups []string
	Public bool
	// Second asks for a sign-in with a second step.
	Second bool
}

// fits says whether the rule is for a path. Some servers take letters of either case for the same.
func (r Rule) fits(path string, anyCase bool) bool {
	if len(r.Paths) == 0 {
		return true
	}
	return slices.ContainsFunc(r.Paths, func(p string) bool {
		same := func(a, b string) bool { return a == b }
		if anyCase {
			same = strings.EqualFold
		}
		return below(path, strings.TrimSuffix(p, "/"), same)
	})
}

// below compares whole segments, so that /admin is not above /administrator.
func below(path, p string, same func(a, b string) bool) bool {
	rule, asked := strings.Split(p, "/"), strings.Split(path, "/")
	if len(asked) < len(rule) {
		return false
	}
	for i := range rule {
		if !same(rule[i], asked[i]) {
			return false
		}
	}
	return true
}

// Rules are those of protect, in their order.
type Rules []Rule

// known says whether any rule is about a host.
func (l Rules) known(host string) bool {
	return slices.ContainsFunc(l, func(r Rule) bool { return r.Host == host })
}

// deciding are the rules that decide about an address, the first that fits for each way to read its path: whoever
// is let in has to be let in by all of them. It is false where nobody is.
func (l Rules) deciding(a Asked) ([]Rule, bool) {
	paths, ok := readings(a.Path())
	if !ok {
		return nil, false
	}
	var found []int
	for _, path := range paths {
		for _, anyCase := range []bool{false, true} {
			at := slices.IndexFunc(l, func(r Rule) bool { return r.Host == a.Host && r.fits(path, anyCase) })
			if at < 0 {
				return nil, false
			}
			if !slices.Contains(found, at) {
				found = append(found, at)
			}
		}
	}
	out := make([]Rule, len(found))
	for i, at := range found {
		out[i] = l[at]
	}
	return out, true
}
