package why

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAMarkIsNoWayBack(t *testing.T) {
	if got := Mark("123456"); got != "" {
		t.Errorf("got %q, want no mark of a code that could be guessed from it", got)
	}
	challenge := strings.Repeat("challenge", 8)
	if a, b := Mark(challenge), Mark(challenge); a != b || len(a) != 12 || strings.Contains(challenge, a) {
		t.Errorf("got %q and %q, want the same twelve digits", a, b)
	}
}

func TestLinesAreReadAsTheyAreCollected(t *testing.T) {
	line := strings.TrimSpace(string(accessLine("r1", "")))
	quoted, err := json.Marshal(line + "\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"as identityd writes it":        line,
		"as docker compose prints it":   "identityd-1  | " + line,
		"as Docker keeps it":            `{"log":` + string(quoted) + `,"stream":"stderr","time":"2026-11-27T12:00:00.1Z"}`,
		"as journald exports it":        `{"__CURSOR":"x","PRIORITY":"6","MESSAGE":` + string(quoted) + `}`,
		"as kubectl logs --prefix does": "[pod/identityd-0/identityd] " + line,
	} {
		l, ok := Parse([]byte(text))
		if !ok || l.Request != "r1" || l.Message != "request" || l.Number("status") != 200 {
			t.Errorf("%s: got %+v, %t", name, l, ok)
		}
	}
	for _, text := range []string{"", "{", "a line of somebody else's", `{"level":"info"}`, `{"log":"{\"log\":\"{}\"}"}`} {
		if l, ok := Parse([]byte(text)); ok {
			t.Errorf("%q: got %+v, want that it is none", text, l)
		}
	}
}

// signIn are lines of a sign-in that begins at a minute, among those of others.
func signIn(name string, minute int) []string {
	at := func(second int) string {
		return time.Date(2026, 11, 27, 12, minute, second, 0, time.UTC).Format(time.RFC3339)
	}
	line := func(second int, id, flows string) string {
		return fmt.Sprintf(`{"time":%q,"level":"INFO","msg":"request","status":302,"request_id":%q,"flows":%q}`, at(second), id, flows)
	}
	return []string{
		line(0, name+"-begin", name+"1"), line(1, name+"-page", name+"1 "+name+"2"), line(9, name+"-form", name+"2 "+name+"3"),
		fmt.Sprintf(`{"time":%q,"level":"INFO","msg":"audit","kind":"LoginFailed","outcome":"failed","request_id":%q}`, at(8), name+"-form"),
		fmt.Sprintf(`{"time":%q,"level":"INFO","msg":"request","status":200,"request_id":%q}`, at(10), name+"-other"),
	}
}

func TestRequestsOfOneSignInAreFoundInALog(t *testing.T) {
	var all []string
	for i := range 50 {
		all = append(all, signIn(fmt.Sprintf("n%d-", i), i)...)
	}
	all = append(all, "panic: no line of ours")
	got, err := ReadLog(strings.NewReader(strings.Join(all, "\n")), "n7--page")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"n7--begin", "n7--form", "n7--page"}
	if diff := cmp.Diff(want, Requests(got.Lines)); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if len(got.Lines) != 4 || got.Skipped != 1 || got.Read != 250 || got.First.Minute() != 0 || got.Last.Minute() != 49 {
		t.Errorf("got %d lines of %d, %d skipped, from %s to %s", len(got.Lines), got.Read, got.Skipped, got.First, got.Last)
	}
	t.Run("what is far behind it is not of its sign-in, though it says so", func(t *testing.T) {
		late, err := ReadLog(strings.NewReader(strings.Join(append(all,
			`{"time":"2026-11-27T13:00:00Z","level":"INFO","msg":"request","status":200,"request_id":"late","flows":"n7-1"}`), "\n")), "n7--page")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, Requests(late.Lines)); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
	none, err := ReadLog(strings.NewReader(strings.Join(all, "\n")), "unknown")
	if err != nil || len(none.Lines) != 0 {
		t.Errorf("got %d lines and %v, want none of a request that is not there", len(none.Lines), err)
	}
	if a := Explain(NewTale("unknown", none.Lines, nil)); a.Outcome != OutcomeUnknown || a.Sentence != "" {
		t.Errorf("got %+v, want that nothing is known", a)
	}
}

// TestEveryCauseHasItsWords goes through the catalog: each row says something whole, of a tale in which nothing
// else is known.
func TestEveryCauseHasItsWords(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Catalog() {
		if seen[c.Name] {
			t.Errorf("%s is in the catalog twice", c.Name)
		}
		seen[c.Name] = true
		s := &Step{Request: "r", Method: "GET", Path: "/self-service/methods/oidc/callback/x", Causes: []string{"x"}, Events: []Event{{Kind: "AdminRefused", Outcome: "failed", By: "admin:deploy"}}}
		tale := &Tale{Asked: "r", Steps: []*Step{s}}
		for what, text := range map[string]string{"sentence": c.Sentence(tale, s), "cure": c.Cure(tale, s)} {
			if !strings.HasSuffix(text, ".") || len(text) < 20 || strings.Contains(text, "  ") || strings.ToUpper(text[:1]) != text[:1] {
				t.Errorf("%s: the %s is no whole sentence: %q", c.Name, what, text)
			}
		}
	}
}
