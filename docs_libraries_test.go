package docs_test

import (
	"regexp"
	"strings"
	"testing"
)

func TestTheClientLibrariesNamedAreThoseThatAreRun(t *testing.T) {
	_, text, _ := strings.Cut(read(t, "docs/applications.md"), "## Client libraries that are run against every build")
	for library, pinned := range map[string]struct{ file, pattern string }{
		"openid-client":  {"sdk/js/package.json", `"openid-client": "([\d.]+)"`},
		"oauth4webapi":   {"sdk/js/package.json", `"oauth4webapi": "([\d.]+)"`},
		"oidc-client-ts": {"internal/snippet/templates/oidc-client-ts/package.json.tmpl", `"oidc-client-ts": "([\d.]+)"`},
		"go-oidc":        {"sdk/go.mod", `coreos/go-oidc/v3 v([\d.]+)`},
		"zitadel/oidc":   {"sdk/go.mod", `zitadel/oidc/v3 v([\d.]+)`},
	} {
		said := found(`(?m)^\| \[`+regexp.QuoteMeta(library)+`\][^|]*\| ([\d.]+) \|`, text)
		run := found(pinned.pattern, read(t, pinned.file))
		if len(said) != 1 || len(run) != 1 || said[0] != run[0] {
			t.Errorf("docs/applications.md says %s %v, and %s has %v: write that one", library, said, pinned.file, run)
		}
	}
}
