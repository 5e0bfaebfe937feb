package stack

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/locale"
)

func TestTheFileMayNameExactlyTheLanguagesThatThereAreTextsIn(t *testing.T) {
	if diff := cmp.Diff(locale.Languages(), config.Locales()); diff != "" {
		t.Error(diff)
	}
}
