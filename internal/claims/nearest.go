package claims

// nearest returns the candidate that takes the fewest edits to reach, the first of several.
func nearest(word string, candidates []string) string {
	// Longer than any candidate; more would only cost time.
	const longest = 40
	if len(word) > longest {
		word = word[:longest]
	}
	best, least := "", -1
	for _, c := range candidates {
		if d := distance(word, c); least < 0 || d < least {
			best, least = c, d
		}
	}
	return best
}

// distance is Levenshtein's: insertions, deletions and replacements of one byte.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
