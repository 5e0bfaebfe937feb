package scripttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/rogpeppe/go-internal/testscript"
)

// signin URL who password signs a person in as an app does, at Kratos' public API, and prints the session.
// Negated it wants to be refused.
func (b *bench) signIn(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: [!] signin URL who password")
	}
	b.secrets = append(b.secrets, args[2])
	var flow struct {
		UI struct{ Action string }
	}
	if status, page := b.asApp(ts, http.MethodGet, args[0]+"/self-service/login/api", nil, &flow); status != http.StatusOK {
		ts.Fatalf("a login ended with %d: %s", status, page)
	}
	var session struct {
		Session struct {
			Level    string `json:"authenticator_assurance_level"`
			Identity struct{ ID string }
		}
	}
	status, page := b.asApp(ts, http.MethodPost, flow.UI.Action, map[string]string{
		"method": "password", "identifier": args[1], "password": args[2],
	}, &session)
	if good := status == http.StatusOK; good == neg {
		ts.Fatalf("%s signing in: got %d: %s", args[1], status, page)
	}
	fmt.Fprintf(ts.Stdout(), "%s %s\n", session.Session.Identity.ID, session.Session.Level)
}

func (b *bench) asApp(ts *testscript.TestScript, method, address string, body, out any) (int, string) {
	raw, err := json.Marshal(body)
	ts.Check(err)
	req, err := http.NewRequestWithContext(b.tb.Context(), method, address, bytes.NewReader(raw))
	ts.Check(err)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	ts.Check(err)
	if res.StatusCode == http.StatusOK {
		ts.Check(json.Unmarshal(page, out))
	}
	return res.StatusCode, string(page)
}
