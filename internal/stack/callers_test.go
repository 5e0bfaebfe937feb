package stack

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/golden"
)

// calls are the words by which a package calls the outside, or makes what does.
var calls = regexp.MustCompile(`\bhttp\.(?:DefaultClient|DefaultTransport|Get\(|Post\(|PostForm\(|Head\(|Client\{|Transport\{|ProxyFromEnvironment)|` +
	`\b(?:net|tls|smtp)\.(?:Dial\w*\(|Dialer\b)|\.HTTPClient\(|GetHTTPClient\(|cleanhttp\.\w+\(|NewResilientClient\(|NewRemoteKeySet\(`)

// TestTheEnginesCallNobodyNew lists every linked package that calls somebody, with the words by which it does. A new line
// is a new way out: see that it takes the client or the transport that it is given, and add it to the table of
// docs/security.md.
func TestTheEnginesCallNobodyNew(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-tags", "sqlite", "-deps",
		"-f", `{{if not .Standard}}{{.ImportPath}}|{{.Dir}}|{{join .GoFiles ","}}{{end}}`, "../../cmd/identityd")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for line := range strings.Lines(string(out)) {
		part := strings.Split(strings.TrimSpace(line), "|")
		// Ours are read by people.
		if len(part) != 3 || strings.HasPrefix(part[0], "example.com/identityd/") {
			continue
		}
		words := map[string]bool{}
		for _, file := range strings.Split(part[2], ",") {
			callsIn(t, filepath.Join(part[1], file), words)
		}
		if len(words) > 0 {
			sorted := make([]string, 0, len(words))
			for w := range words {
				sorted = append(sorted, w)
			}
			slices.Sort(sorted)
			list = append(list, part[0]+": "+strings.Join(sorted, " "))
		}
	}
	if len(list) < 40 {
		t.Fatalf("got %d packages, which cannot be all", len(list))
	}
	slices.Sort(list)
	golden.Text(t, *update, "callers.txt", fmt.Sprintln(strings.Join(list, "\n")))
}

func callsIn(t *testing.T, file string, words map[string]bool) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if strings.HasPrefix(strings.TrimSpace(lines.Text()), "//") {
			continue
		}
		for _, w := range calls.FindAllString(lines.Text(), -1) {
			words[strings.TrimSuffix(w, "(")] = true
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
