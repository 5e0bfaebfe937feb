package locale

import (
	"regexp"
	"slices"
	"strconv"
)

// verbs returns the verbs of a sentence by the argument that each stands for: "1s", "2d".
func verbs(sentence string) []string {
	pattern := regexp.MustCompile(`%(?:\[(\d+)\])?([a-z%])`)
	var out []string
	next := 1
	for _, match := range pattern.FindAllStringSubmatch(sentence, -1) {
		if match[2] == "%" {
			continue
		}
		if match[1] != "" {
			next, _ = strconv.Atoi(match[1])
		}
		out = append(out, strconv.Itoa(next)+match[2])
		next++
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// countArg returns which argument of a sentence is its count: the first number.
func countArg(sentence string) int {
	for _, verb := range verbs(sentence) {
		if verb[len(verb)-1] == 'd' {
			n, _ := strconv.Atoi(verb[:len(verb)-1])
			return n
		}
	}
	return 1
}
