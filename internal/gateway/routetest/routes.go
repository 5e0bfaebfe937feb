package routetest

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/julienschmidt/httprouter"

	"example.com/identityd/internal/gateway"
)

// Routes returns "path METHODS" for every route. The router tells nobody what it has, so that its
// fields are read.
func Routes(r *httprouter.Router) []string {
	found := map[string][]string{}
	trees := reflect.ValueOf(r).Elem().FieldByName("trees")
	for _, method := range trees.MapKeys() {
		walk(trees.MapIndex(method), "", func(path string) { found[path] = append(found[path], method.String()) })
	}
	out := make([]string, 0, len(found))
	for _, path := range slices.Sorted(maps.Keys(found)) {
		slices.Sort(found[path])
		out = append(out, path+" "+strings.Join(found[path], " "))
	}
	return out
}

func walk(node reflect.Value, prefix string, visit func(path string)) {
	node = node.Elem()
	path := prefix + node.FieldByName("path").String()
	if !node.FieldByName("handle").IsNil() {
		visit(path)
	}
	children := node.FieldByName("children")
	for i := range children.Len() {
		walk(children.Index(i), path, visit)
	}
}

// Check fails for a route that the gateway does not send to the part, unless it is one of the others,
// which are not for the gateway.
func Check(t *testing.T, routes []string, part gateway.Part, others ...string) {
	t.Helper()
	if len(routes) < 10 {
		t.Fatalf("got %d routes, which cannot be all", len(routes))
	}
	for _, route := range routes {
		path, _, _ := strings.Cut(route, " ")
		if slices.Contains(others, path) {
			continue
		}
		if got := gateway.PartOf(path); got != part {
			t.Errorf("%s: the gateway sends it to %s, want %s", path, got, part)
		}
	}
}
