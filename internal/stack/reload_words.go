package stack

import (
	"slices"
	"strings"
)

// ReloadKind is how a changed word of stack.yaml comes into force.
type ReloadKind string

// Kinds.
const (
	// ReloadInPlace: at once, in what is there.
	ReloadInPlace ReloadKind = "in place"
	// ReloadEngines: by a second pair of engines that takes the place of the first.
	ReloadEngines ReloadKind = "engines"
	// ReloadRestart: when the process starts again.
	ReloadRestart ReloadKind = "restart"
)

// reloadWords say of words how they come into force. One that ends in a dot is for all below it; the longest
// one counts. A part that has new words adds a row.
type reloadWords struct {
	kind  ReloadKind
	words []string
	// because says why these take a restart.
	because string
}

// pageWords are what only the pages are made of.
func pageWords() []string {
	return []string{
		"ui.brand.logo_file", "ui.brand.favicon_file", "ui.brand.css_file", "ui.links.privacy", "ui.links.terms",
		"consent.logos", "consent.scopes", "account.deletion",
	}
}

// engineWords are what engines are made of; the mails have the name, the color, the languages and a link, and are
// theirs.
func engineWords() []string {
	return []string{
		"secrets.", "cors.", "identity.", "registration.", "dynamic_registration.", "login.", "session.", "consent.remember_for", "claims", "tokens.", "return_to", "protect",
		"mail.", "ui.brand.name", "ui.brand.colors", "ui.locales", "ui.links.support", "throttle.enabled", "throttle.hashes", "hydra", "kratos",
	}
}

// limitWords are the limits of the throttle.
func limitWords() []string {
	return []string{"throttle.pair.", "throttle.account.", "throttle.address.", "throttle.mails.", "throttle.first_wait", "throttle.longest_wait"}
}

func reloadTable() []reloadWords {
	const bound = "listeners are bound once, before everything else"
	return []reloadWords{
		{kind: ReloadInPlace, words: slices.Concat(pageWords(), limitWords(), declaredWords(), []string{
			"logging.level", "admin.token_file", "tls.", "limits.", "audit.", "janitor.", "hooks", "tracing.",
		})},
		{kind: ReloadEngines, words: engineWords()},
		{kind: ReloadRestart, because: bound, words: []string{"listen."}},
		{kind: ReloadRestart, because: "it is what the installation is to the outside", words: []string{"origin", "urls.", "profile", "region"}},
		{kind: ReloadRestart, because: "the databases are opened once, and files of SQLite owned", words: []string{"data_dir", "database."}},
		{kind: ReloadRestart, because: "the doors of the admin listeners hang on it", words: []string{"admin."}},
		{kind: ReloadRestart, because: "every listener is built on it", words: []string{"proxy.", "shutdown."}},
		{kind: ReloadRestart, because: "connections that are open were judged by it", words: []string{"outbound."}},
		{kind: ReloadRestart, because: "the log is opened once", words: []string{"logging.format"}},
	}
}

// ReloadOf returns how a word comes into force, and for one that takes a restart why.
func ReloadOf(word string) (kind ReloadKind, because string) {
	longest := -1
	kind, because = ReloadRestart, "it is read at the start"
	for _, row := range reloadTable() {
		for _, w := range row.words {
			if (w == word || strings.HasSuffix(w, ".") && strings.HasPrefix(word, w)) && len(w) > longest {
				longest, kind, because = len(w), row.kind, row.because
			}
		}
	}
	return kind, because
}
