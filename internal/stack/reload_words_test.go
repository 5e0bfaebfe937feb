package stack

import (
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/config"
)

func TestEveryWordSaysHowItComesIntoForce(t *testing.T) {
	var rows []string
	for _, row := range reloadTable() {
		rows = append(rows, row.words...)
		if (row.kind == ReloadRestart) != (row.because != "") {
			t.Errorf("%v: a reason is for what takes a restart", row.words)
		}
	}
	words := config.Vocabulary()
	for _, word := range words {
		if !slices.ContainsFunc(rows, func(w string) bool { return covers(w, word) }) {
			t.Errorf("%s is in no row of reloadTable", word)
		}
	}
	for _, row := range rows {
		if !slices.ContainsFunc(words, func(word string) bool { return covers(row, word) }) {
			t.Errorf("%s is a row, and no word", row)
		}
	}
}

func covers(row, word string) bool {
	return row == word || strings.HasSuffix(row, ".") && strings.HasPrefix(word, row)
}

// TestWhatChangesHasATarget holds the table and the targets together.
func TestWhatChangesHasATarget(t *testing.T) {
	targets := (&Stack{}).targets()
	for _, word := range config.Vocabulary() {
		has := false
		for _, target := range targets {
			has = has || slices.ContainsFunc(target.Words, func(w string) bool { return covers(w, word) })
		}
		kind, _ := ReloadOf(word)
		if word == "logging.level" {
			has = true // where there is a level to set
		}
		if has != (kind != ReloadRestart) {
			t.Errorf("%s is said to change by %q, and whether it has a target is %t", word, kind, has)
		}
	}
}
