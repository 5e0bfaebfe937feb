package doctest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/doctest"
)

func TestBlocksAreReadWithWhatIsSaidOfThem(t *testing.T) {
	const page = "# A page\n\n<!-- run by: TestIt -->\n<!-- file: app.py -->\n```python\nprint(1)\n```\n\n1. In a list:\n\n   ```yaml\n   a:\n     b: 1\n   ```\n\n<!-- not run here: why -->\n\n````text\n```\n````\n"
	got, err := doctest.Parse("page.md", page)
	if err != nil {
		t.Fatal(err)
	}
	want := []doctest.Block{
		{Page: "page.md", Line: 6, Language: "python", Text: "print(1)\n", RunBy: "TestIt", File: "app.py"},
		{Page: "page.md", Line: 12, Language: "yaml", Text: "a:\n  b: 1\n"},
		{Page: "page.md", Line: 19, Language: "text", Text: "```\n", NotRun: "why"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestACommentThatBelongsToNothingIsRefused(t *testing.T) {
	for name, page := range map[string]string{
		"a comment before a sentence": "<!-- run by: TestIt -->\nA sentence.\n",
		"a block without an end":      "```sh\nls\n",
	} {
		if blocks, err := doctest.Parse("page.md", page); err == nil {
			t.Errorf("%s: got %v, want an error", name, blocks)
		}
	}
}

func TestCommandsAreWhatBeginsALineOrAPart(t *testing.T) {
	for text, want := range map[string][]string{
		"identityd serve --config a.yaml   # curl in a remark":   {"identityd"},
		"A=1 B='x y' identityd serve && (umask 077; echo 1 > a)": {"identityd", "umask", "echo"},
		"docker logs identityd 2>&1 | identityd why ID --log -":  {"docker", "identityd"},
		"curl -d '{\n \"a\": 1}' \\\n  localhost":                {"curl"},
		"CODE=...     # from the address bar\n$ make run":        {"make"},
	} {
		if diff := cmp.Diff(want, doctest.Block{Text: text}.Commands()); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}
