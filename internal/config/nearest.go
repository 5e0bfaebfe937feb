package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearest returns the known path that takes the fewest edits to reach.
func nearest(path string, known map[string]key) string {
	return nearestOf(path, slices.Sorted(maps.Keys(known)))
}

func nearestOf(word string, candidates []string) string {
	// Longer than any key; more would only cost time.
	const longest = 80
	word = strings.ToLower(word)
	if len(word) > longest {
		word = word[:longest]
	}
	best, least := "", -1
	for _, c := range candidates {
		d := 2 * levenshtein.ComputeDistance(word, c)
		// A name typed in the right section is likelier meant than one as near elsewhere.
		if parent(word) != parent(c) {
			d++
		}
		if least < 0 || d < least {
			best, least = c, d
		}
	}
	return best
}

// nearestName is nearestOf for the keys of a list's items, where people write a longer name that
// other programs use, such as client_secret for secret.
func nearestName(word string, candidates []string) string {
	for _, c := range candidates {
		if strings.HasSuffix(strings.ToLower(word), "_"+c) {
			return c
		}
	}
	return nearestOf(word, candidates)
}

func parent(path string) string {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i]
	}
	return ""
}
