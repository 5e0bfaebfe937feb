package why

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/errors.md anew, and new codes into the list of codes")

// areas are the sections of docs/errors.md.
func areas() [][3]string {
	return [][3]string{
		{"person", "What people meet", "Somebody signs in, signs up, or changes something about the account."},
		{"application", "What applications meet", "The request of an OAuth2 client is not as it should be. What RFC 6749 says of it stays in the answer; the code says more."},
		{"service", "What is wrong with the service", "Whoever asked did nothing wrong, and can ask again."},
		{"admin", "What callers of the admin APIs meet", "The guard of the admin listeners, or the engine behind it, said no."},
		{"door", "What is refused at a door", "Forward-auth, applications that register themselves, and pages of other origins."},
		{"start", "What ends a start or a command", "What identityd prints on stderr ends with the code in brackets: `identityd: ... [address_taken]`. `identityd why --code CODE` says what is here."},
		{"other", "What has no code of its own", "These are looked for last."},
	}
}

func TestThePageOfErrorsIsCurrent(t *testing.T) {
	var out strings.Builder
	for _, area := range areas() {
		out.WriteString("\n## " + area[1] + "\n\n" + area[2] + "\n")
		for _, f := range Failures() {
			if f.Area == area[0] {
				out.WriteString("\n<a id=\"" + f.Code + "\"></a>\n\n### `" + f.Code + "`\n\n" + marked(f.Means) + "\n\n- Seen: " + marked(f.Seen) + "\n- What to do: " + marked(f.Cure) + "\n")
			}
		}
	}
	frame, err := template.ParseFiles("testdata/errors.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	page.WriteString("<!-- Made by `make reference` from internal/why: do not edit. -->\n\n")
	if err := frame.Execute(&page, map[string]string{"Failures": strings.TrimPrefix(out.String(), "\n")}); err != nil {
		t.Fatal(err)
	}
	compare(t, "../../docs/errors.md", page.String())
}

func compare(t *testing.T, name, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is stale; run make reference (-want +got):\n%s", name, diff)
	}
}

// marked sets as code what names a word of stack.yaml, a path or a key, unless it is code already.
func marked(text string) string {
	word := regexp.MustCompile(`^[a-z_]+[._][a-z_.]*[a-z_]$|^/[a-z]+$|^urls:$|^clients:$|^[a-z.]+=[a-z0-9]+$`)
	parts := strings.Split(text, "`")
	for i := 0; i < len(parts); i += 2 {
		words := strings.Split(parts[i], " ")
		for j, w := range words {
			if bare := strings.Trim(w, `,.;()`); word.MatchString(bare) && !strings.HasSuffix(bare, ".md") && !strings.HasSuffix(bare, ".yaml") {
				words[j] = strings.Replace(w, bare, "`"+bare+"`", 1)
			}
			if name, isPage := strings.CutPrefix(strings.Trim(w, `,;()`), "docs/"); isPage && strings.Contains(name, ".md") {
				page := name[:strings.Index(name, ".md")+3]
				words[j] = strings.Replace(w, "docs/"+page, "["+page+"]("+page+")", 1)
			}
		}
		parts[i] = strings.Join(words, " ")
	}
	return strings.Join(parts, "`")
}

// TestNoCodeIsLostOrChanged: people quote codes, and programs compare them. The list grows, and nothing else; a row
// whose failure cannot happen any more stays in the catalog.
func TestNoCodeIsLostOrChanged(t *testing.T) {
	const list = "testdata/codes.txt"
	raw, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	released := strings.Fields(string(raw))
	var have, added []string
	form := regexp.MustCompile(`^[a-z]+(_[a-z]+){1,4}$|^overloaded$`)
	for _, f := range Failures() {
		have = append(have, f.Code)
		switch {
		case slices.Contains(have[:len(have)-1], f.Code):
			t.Errorf("%s is there twice", f.Code)
		case !form.MatchString(f.Code):
			t.Errorf("%s: a code is two to five words in lower case with _ between, so that it can be searched for", f.Code)
		case f.Seen == "" || f.Means == "" || f.Cure == "" || f.Area == "":
			t.Errorf("%s: got %+v, want all of it", f.Code, f)
		}
		if !slices.Contains(released, f.Code) {
			added = append(added, f.Code)
		}
	}
	for _, code := range released {
		if !slices.Contains(have, code) {
			t.Errorf("%s was a code and is none any more; it is quoted by people, kept in logs and compared by programs", code)
		}
	}
	if *update && len(added) > 0 {
		if err := os.WriteFile(list, []byte(strings.Join(append(released, added...), "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if len(added) > 0 {
		t.Errorf("new codes %v are not in %s; make reference adds them", added, list)
	}
}
