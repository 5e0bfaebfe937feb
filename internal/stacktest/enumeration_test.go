package stacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/tried"
)

// toldAnswer is all that an answer says, but for what differs between any two.
type toldAnswer struct {
	Status  int
	Headers []string
	Body    string
}

// Names of flows, times and tokens.
var fleeting = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[0-9:.]+Z`)

// askedFor submits a flow for an address as an application does.
func askedFor(t *testing.T, s *Stack, kind, address string, fields map[string]any) toldAnswer {
	t.Helper()
	return askedIn(t, s, nativeFlow(t, s, "/self-service/"+kind+"/api", "").ID, kind, address, fields)
}

func askedIn(t *testing.T, s *Stack, flow, kind, address string, fields map[string]any) toldAnswer {
	t.Helper()
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.Kratos+"/self-service/"+kind+"?flow="+flow,
		strings.NewReader(strings.ReplaceAll(string(raw), "ADDRESS", address)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	got := exchange(t, req)
	out := toldAnswer{Status: got.status, Body: strings.ReplaceAll(fleeting.ReplaceAllString(got.body, "FLEETING"), address, "ADDRESS")}
	for name, values := range got.header {
		if name != "Date" && name != "X-Request-Id" && name != "Content-Length" {
			out.Headers = append(out.Headers, fleeting.ReplaceAllString(fmt.Sprint(name, values), "FLEETING"))
		}
	}
	slices.Sort(out.Headers)
	return out
}

// whoHasAnAccount holds that these flows do not tell a known address from an unknown one of the same length.
// A sign-in by code has codesOfNobody.
func whoHasAnAccount(t *testing.T, s *Stack) {
	const known, unknown = "present@example.com", "missing@example.com"
	newPersonWithToken(t, s, known)
	compared := 0
	for name, one := range map[string]struct {
		kind   string
		fields map[string]any
	}{
		"a sign-in with a wrong password": {"login", map[string]any{"method": "password", "identifier": "ADDRESS", "password": "not the password of anybody"}},
		"a recovery":                      {"recovery", map[string]any{"method": "code", "email": "ADDRESS"}},
		"a verification":                  {"verification", map[string]any{"method": "code", "email": "ADDRESS"}},
	} {
		t.Run(name+" says nothing", func(t *testing.T) {
			yes, no := askedFor(t, s, one.kind, known, one.fields), askedFor(t, s, one.kind, unknown, one.fields)
			if diff := cmp.Diff(yes, no); diff != "" {
				t.Errorf("answers differ (-known +unknown):\n%s", diff)
				return
			}
			if yes.Status >= http.StatusInternalServerError || yes.Status == http.StatusTooManyRequests {
				t.Errorf("got %d %s", yes.Status, yes.Body)
				return
			}
			compared++
		})
	}
	tried.Report(t, "asking who has an account, by password, recovery and verification", "%d of 3 answer a known and an unknown address with the same status, headers and body", compared)
}
