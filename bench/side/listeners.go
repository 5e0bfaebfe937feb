package side

import (
	"maps"
	"strings"
)

// Listeners are the addresses behind each host, those of the admin APIs too.
func (r *Running) Listeners() map[string][]string {
	out := maps.Clone(r.dial)
	for _, admin := range []string{r.HydraAdmin, r.KratosAdmin} {
		address := strings.TrimPrefix(admin, "http://")
		out[address] = []string{address}
	}
	return out
}
