package cli

import (
	"bytes"
	"testing"

	"example.com/identityd/internal/audit"
)

// JSON escapes ESC, but not the one character that means the same to terminals, nor what turns the direction of text.
func TestARecordMovesNoCursor(t *testing.T) {
	var out bytes.Buffer
	record := audit.Read{Record: audit.Record{Kind: "ClientRegistered", Outcome: "done", Details: "{\"name\":\"a\u009b31m\u202ez\"}"}}
	if err := lineOf(&out, false)(record); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "1970-01-01T00:00:00.000Z  ClientRegistered  done  {\"name\":\"a\uFFFD31m\uFFFDz\"}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
