package scripttest

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"
)

// json [-file name] path [pattern] holds the JSON that was last on stdout, or a file's, against a pattern:
// the path is gjson's (clients.0.client_id, clients.#), a text is matched without its quotes. Without a
// pattern the path has to be there, and with ! it must not be, or not match.
func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	text := ""
	if len(args) > 1 && args[0] == "-file" {
		text, args = ts.ReadFile(args[1]), args[2:]
	} else {
		text = ts.ReadFile("stdout")
	}
	if len(args) != 1 && len(args) != 2 {
		ts.Fatalf("usage: json [-file name] path [pattern]")
	}
	if !json.Valid([]byte(text)) {
		ts.Fatalf("this is no JSON:\n%s", text)
	}
	found := gjson.Get(text, args[0])
	holds := found.Exists()
	if len(args) == 2 {
		pattern, err := regexp.Compile("(?m)" + args[1])
		ts.Check(err)
		holds = holds && pattern.MatchString(found.String())
	}
	switch {
	case holds && neg:
		ts.Fatalf("%s is %s, which it must not be", args[0], found)
	case !holds && !neg:
		ts.Fatalf("%s is %q, want %s, in\n%s", args[0], found, strings.Join(args[1:], ""), text)
	}
}

// set NAME path puts what the JSON on stdout has there into the environment, to use it in what follows.
func setCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: set NAME path")
	}
	found := gjson.Get(ts.ReadFile("stdout"), args[1])
	if !found.Exists() {
		ts.Fatalf("there is no %s in\n%s", args[1], ts.ReadFile("stdout"))
	}
	ts.Setenv(args[0], found.String())
}
