package config

import (
	"reflect"
	"slices"
	"strings"
)

// notYet is a word that is understood but has no effect before its issue.
type notYet struct {
	path  string
	issue string
	// harmless are values beside the default that describe what happens today.
	harmless []string
}

// notImplemented lists the words without effect, each with everything below it. The issue that
// makes one work deletes its row.
func notImplemented() []notYet {
	return []notYet{
		{path: "listen.console", issue: "I"},
		{path: "tls.console", issue: "I"},
		{path: "session.idle", issue: "D"},
	}
}

// checkNotImplemented refuses those words wherever they are set to something, since a setting that
// is silently ignored is worse than one that is missing. Nothing else is said of them.
func checkNotImplemented(c *collector, words []key, cfg Config) {
	set := reflect.ValueOf(cfg)
	usual := reflect.ValueOf(defaults(cfg.Profile))
	for _, row := range notImplemented() {
		for _, k := range words {
			if k.shape == section || k.path != row.path && !strings.HasPrefix(k.path, row.path+".") {
				continue
			}
			v := set.FieldByIndex(k.index)
			if same(v, usual.FieldByIndex(k.index)) || v.Kind() == reflect.String && slices.Contains(row.harmless, v.String()) {
				continue
			}
			c.add(k.path, "not implemented yet; leave it out")
			c.unread[k.path] = true
		}
	}
}

func same(a, b reflect.Value) bool {
	if a.Kind() == reflect.Slice || a.Kind() == reflect.Map {
		return a.Len() == 0 && b.Len() == 0 || reflect.DeepEqual(a.Interface(), b.Interface())
	}
	if e, ok := a.Interface().(interface{ Empty() bool }); ok && e.Empty() {
		return b.Interface().(interface{ Empty() bool }).Empty()
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}
