package stack

import (
	"testing"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/golden"
)

// TestReloadReference keeps what the page of all words (docs/configuration.md) says of reloads.
func TestReloadReference(t *testing.T) {
	type row struct{ Kind, Because string }
	words := map[string]row{}
	for _, word := range config.Vocabulary() {
		kind, because := ReloadOf(word)
		words[word] = row{string(kind), because}
	}
	golden.JSON(t, *update, "../../config/testdata/reload.json", words)
}
