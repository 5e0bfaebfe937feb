package gateway

import (
	"path"
	"strings"
)

// Part is what stands behind a path.
type Part string

// The parts. Pages has everything that no row of the table names, so that an unknown address is answered
// by a page.
const (
	Hydra  Part = "hydra"
	Kratos Part = "kratos"
	Pages  Part = "ui"
)

// Route gives a path, and everything below it, to a part.
type Route struct {
	Prefix string
	Part   Part
}

// Table returns the paths of the engines; where two match, the longer one decides. It names no health
// path: those are answered in front of the gateway, for the process as a whole. That the engines
// register nothing else is held by tests beside the engines.
func Table() []Route {
	return []Route{
		{"/oauth2", Hydra},
		{"/userinfo", Hydra},
		{"/credentials", Hydra},
		{"/.well-known", Hydra},
		{"/.well-known/ory", Kratos},
		{"/.well-known/change-password", Pages},
		{"/self-service", Kratos},
		{"/sessions", Kratos},
		{"/schemas", Kratos},
	}
}

// PartOf returns the part that answers a path. It is judged as Clean leaves it, whole segments at a time:
// /oauth2x belongs to the pages.
func PartOf(requested string) Part {
	return table().of(Clean(requested))
}

// prefixes is the table for look-ups.
type prefixes map[string]Part

func table() prefixes {
	out := prefixes{}
	for _, route := range Table() {
		out[route.Prefix] = route.Part
	}
	return out
}

// of climbs from a clean path to the root: what is found first is the longest.
func (p prefixes) of(clean string) Part {
	for at := strings.TrimSuffix(clean, "/"); at != ""; at = at[:strings.LastIndexByte(at, '/')] {
		if part, ok := p[at]; ok {
			return part
		}
	}
	return Pages
}

// Clean returns a decoded path as the routers of the engines read it in the end: rooted, with neither
// empty segments nor dots. A slash at the end stays.
func Clean(requested string) string {
	rooted := requested
	if !strings.HasPrefix(rooted, "/") {
		rooted = "/" + rooted
	}
	clean := path.Clean(rooted) // costs nothing where it is clean already
	if clean != "/" && strings.HasSuffix(requested, "/") {
		clean += "/"
	}
	return clean
}
