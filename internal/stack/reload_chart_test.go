package stack

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/config"
)

// TestTheChartRollsPodsForWhatWaits: a section that the Helm chart leaves out of its digest needs no restart in any of its words, or
// a change of it would never come into force; and none that needs none rolls pods for nothing.
func TestTheChartRollsPodsForWhatWaits(t *testing.T) {
	raw, err := os.ReadFile("../../deploy/helm/identityd/templates/_config.tpl")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`define "identityd.followed" -}}\n([a-z_ ]+)\n`).FindSubmatch(raw)
	if m == nil {
		t.Fatal("the chart has no list of what is followed")
	}
	followed, waits := strings.Fields(string(m[1])), map[string]string{}
	sections := map[string]bool{}
	for _, word := range config.Vocabulary() {
		section, _, _ := strings.Cut(word, ".")
		sections[section] = true
		if kind, because := ReloadOf(word); kind == ReloadRestart {
			waits[section] = word + ": " + because
		}
	}
	for section := range sections {
		switch why, listed := waits[section], slices.Contains(followed, section); {
		case listed && why != "":
			t.Errorf("the chart does not roll pods for %s, which needs it: %s", section, why)
		case section == "tls": // what its files hold is followed; a listener that begins to speak TLS is another one
		case !listed && why == "":
			t.Errorf("the chart rolls pods for %s, which the process takes in by itself", section)
		}
	}
	for _, section := range followed {
		if !sections[section] {
			t.Errorf("%s is no section of stack.yaml", section)
		}
	}
}
