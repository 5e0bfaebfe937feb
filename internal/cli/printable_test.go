package cli

import (
	"bytes"
	"encoding/json"
	"testing"
)

// TestJSONMovesNoCursor prints a name that a stranger chose: nothing of it may reach a terminal, and all of it whoever reads JSON.
func TestJSONMovesNoCursor(t *testing.T) {
	const name = "A\u009b2Jd\x7fa \u202eolleh\u2069 \x1b[31m é 漢 \U000e0041 👩\u200d💻 <b>\ufffd"
	var out bytes.Buffer
	if err := showTo(&out, true, map[string]string{"name": name}, nil); err != nil {
		t.Fatal(err)
	}
	const want = "{\n  \"name\": \"A\\u009b2Jd\\u007fa \\u202eolleh\\u2069 \\u001b[31m é 漢 \\udb40\\udc41 👩\\u200d💻 <b>\ufffd\"\n}\n"
	if got := out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var back map[string]string
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back["name"] != name {
		t.Errorf("got %q, %v, want %q", back["name"], err, name)
	}
}
