package cli

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// first returns what the pattern's group matches in a file of the repository's root.
func first(t *testing.T, name, pattern string) string {
	t.Helper()
	raw, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(pattern).FindStringSubmatch(string(raw))
	if m == nil {
		t.Fatalf("%s: nothing matches %s", name, pattern)
	}
	return m[1]
}

func TestTheDockerfileBuildsWhatTheMakefileBuilds(t *testing.T) {
	tags := strings.Split(first(t, "Dockerfile", `(?m)^RUN go build .*-tags (\S+)`), ",")
	for _, tag := range strings.Fields(first(t, "Makefile", `(?m)^TAGS\s*:=\s*(.+)$`)) {
		for _, tag := range strings.Split(tag, ",") {
			if !slices.Contains(tags, tag) {
				t.Errorf("the Dockerfile builds with tags %v, without %s of the Makefile", tags, tag)
			}
		}
	}
	// Both make a static program, which the image needs.
	first(t, "Dockerfile", `(?m)^ENV (CGO_ENABLED=0)$`)
	first(t, "Makefile", `(?m)^export (CGO_ENABLED := 0)$`)
	// go mod download reads the modules that stand in for others.
	for _, folder := range replacements(t) {
		first(t, "Dockerfile", `(?m)^(COPY `+folder+`/go\.mod `+folder+`/go\.sum `+folder+`/)$`)
	}
	for _, name := range []string{"version", "commit", "commitDate"} {
		got := first(t, "Dockerfile", `-X (\S+`+name+`)=`)
		want := first(t, "Makefile", `-X \$\(CLI\)(\.`+name+`)=`)
		if want = first(t, "Makefile", `(?m)^CLI\s*:= (\S+)$`) + want; got != want {
			t.Errorf("the Dockerfile sets %s, the Makefile %s", got, want)
		}
	}
	got := first(t, "Dockerfile", `FROM golang:(\d+\.\d+)-`)
	if want := first(t, "go.mod", `(?m)^go (\d+\.\d+)`); got != want {
		t.Errorf("the Dockerfile builds with Go %s, go.mod asks for %s", got, want)
	}
}

// replacements are the folders that go.mod puts in the place of modules.
func replacements(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^\t\S+ => \./(\S+)$`).FindAllStringSubmatch(string(raw), -1) {
		out = append(out, m[1])
	}
	if len(out) == 0 {
		t.Fatal("go.mod has no replacement by a folder, want the driver of SQLite")
	}
	return out
}

func TestTheImageRunsUnprivilegedAndAsksForItsHealth(t *testing.T) {
	last := first(t, "Dockerfile", `(?s)\nFROM scratch\n(.*)$`)
	for _, want := range []string{"\nUSER 65532:65532\n", "\nVOLUME /data\n", "ENTRYPOINT [\"/identityd\"]"} {
		if !strings.Contains(last, want) {
			t.Errorf("got no %q in the last stage", strings.TrimSpace(want))
		}
	}
	args := first(t, "Dockerfile", `(?m)^HEALTHCHECK .*CMD \["/identityd", "([a-z]+)"\]$`)
	a := &app{}
	if _, _, err := a.root().Find([]string{args}); err != nil {
		t.Errorf("the health check runs identityd %s: %v", args, err)
	}
	for _, name := range []string{"identityd-data", "stack.yaml", "secrets", ".git"} {
		first(t, ".dockerignore", `(?m)^(`+regexp.QuoteMeta(name)+`)$`)
	}
}
