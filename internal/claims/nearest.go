package claims

import "github.com/agnivade/levenshtein"

// nearest returns the candidate that takes the fewest edits to reach, the first of several.
func nearest(word string, candidates []string) string {
	// Longer than any candidate; more would only cost time.
	const longest = 40
	if len(word) > longest {
		word = word[:longest]
	}
	best, least := "", -1
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(word, c); least < 0 || d < least {
			best, least = c, d
		}
	}
	return best
}
