//go:build unix

package browsertest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/identityd/internal/doctest"
)

// given runs a block in which the places that the page leaves to its reader are filled in.
func given(t *testing.T, reader *doctest.Reader, b doctest.Block, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(b.Text, pairs[i]) {
			t.Fatalf("%s has no %s to fill in", b.At(), pairs[i])
		}
	}
	b.Text = strings.NewReplacer(pairs...).Replace(b.Text)
	return reader.Do(t, b)
}

// said finds something in what a block printed.
func said(t *testing.T, pattern, text string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("got no %s in\n%s", pattern, text)
	}
	return m[len(m)-1]
}

// readmeCurls is "The same, with curl": a client, a code from the address bar, tokens and what they tell.
func readmeCurls(t *testing.T, reader *doctest.Reader, b *tab, blocks []doctest.Block) {
	said(t, `"client_id":"demo"`, reader.Do(t, blocks[0]))
	raw, err := os.ReadFile(filepath.Join(doctest.Root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	b.visit(said(t, `<(http://localhost:3000/oauth2/auth\?[^>]+)>`, string(raw)))
	b.heading("Demo wants to use your account")
	b.leave("Allow", "ERR_CONNECTION_REFUSED")
	code := b.address().Query().Get("code")
	exchange, ask, both := strings.Cut(blocks[1].Text, "TOKEN=...")
	if !both || code == "" {
		t.Fatalf("got code %q, and the block\n%s", code, blocks[1].Text)
	}
	first, second := blocks[1], blocks[1]
	first.Text, second.Text = exchange, "TOKEN=..."+ask
	token := said(t, `"access_token":"([^"]+)"`, given(t, reader, first, "CODE=...", "CODE="+code))
	out := given(t, reader, second, "TOKEN=...", "TOKEN="+token)
	said(t, `"email":"ada@example.com"`, out)
	said(t, `"active":true`, out)
}

// adminCurls makes a signing key and ends the one of before, and gives a group.
func adminCurls(t *testing.T, reader *doctest.Reader, blocks []doctest.Block) {
	sh := func(text string) string { return reader.Do(t, doctest.Block{Page: "this test", Text: text}) }
	old := said(t, `"kid":"([^"]+)"`, sh("curl -s localhost:4445/admin/keys/hydra.openid.id-token"))
	out := given(t, reader, blocks[0], "OLD-KID", old)
	if kid := said(t, `"kid":"([^"]+)"`, out); kid == old {
		t.Errorf("got the key %s of before", kid)
	}
	if left := sh("curl -s localhost:4445/admin/keys/hydra.openid.id-token"); strings.Contains(left, old) {
		t.Errorf("got %s, want it without %s", left, old)
	}
	id := said(t, `"id":"([0-9a-f-]{36})"`, strings.ReplaceAll(sh("./identityd identity get ada@example.com --json"), `": "`, `":"`))
	said(t, `"metadata_admin":\{"groups":\["staff"\]\}`, given(t, reader, blocks[1], "$ID", id))
}

// auditPython runs the page's own verifier over an export.
func auditPython(t *testing.T, reader *doctest.Reader, blocks []doctest.Block) {
	if err := os.WriteFile(filepath.Join(reader.Dir, "chain.py"), []byte(blocks[0].Text), 0o600); err != nil {
		t.Fatal(err)
	}
	out := reader.Do(t, doctest.Block{Page: "this test", Text: "./identityd audit export > trail.jsonl\npython3 chain.py < trail.jsonl\nsed -i '1s/done/lost/' trail.jsonl\necho changed:\npython3 chain.py < trail.jsonl"})
	whole, changed, _ := strings.Cut(out, "changed:")
	if strings.Contains(whole, "False") || strings.Count(whole, "True") < 3 {
		t.Errorf("got %s, want every record True", whole)
	}
	if !strings.Contains(changed, "False") {
		t.Errorf("got %s for a trail that was changed, want a False", changed)
	}
}
