package stacktest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.com/identityd/internal/why"
)

// asAnswered is an answer as whoever asked has it.
type asAnswered struct {
	path   string
	status int
	header http.Header
	body   string
}

// answers are kept by the ids of their requests.
type answers struct {
	mu sync.Mutex
	by map[string]asAnswered
}

func (a *answers) keep(id string, got asAnswered) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.by[id] = got
}

func (a *answers) of(id string) (asAnswered, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	got, ok := a.by[id]
	return got, ok
}

// browser returns one whose answers are kept.
func (a asker) browser(t *testing.T) *Browser {
	t.Helper()
	b := NewBrowser(t)
	b.client.Transport = keeping{b.client.Transport, a.answers}
	return b
}

type keeping struct {
	http.RoundTripper
	answers *answers
}

// RoundTrip implements http.RoundTripper.
func (k keeping) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := k.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(raw))
	k.answers.keep(res.Header.Get("X-Request-Id"), asAnswered{r.URL.Path, res.StatusCode, res.Header, string(raw)})
	return res, nil
}

// theirs returns the form of the JSON answers at a path that is not ours to choose, nil for one that is: the errors of
// RFC 6749 section 5.2, RFC 6750 and RFC 7591 at Hydra, which its admin API has too, and what Kratos says by itself. The
// code is in the header alone.
func theirs(path string) *regexp.Regexp {
	word := regexp.MustCompile(`^\s*\{"error":"[a-z_]+","error_description":"`)
	switch {
	case path == "/oauth2/token", path == "/oauth2/register", path == "/userinfo", strings.HasPrefix(path, "/admin/clients"):
		return word
	case path == "/forward-auth":
		return regexp.MustCompile(`^not asked by a proxy that is trusted here\n$`)
	case path == "/sessions/whoami":
		return regexp.MustCompile(`^\s*\{"error":\{"code":401,`)
	}
	return nil
}

// agrees holds what whoever asked was told against the log and the answer of why: one code in all of them, unless the
// trail knows more.
func (a asker) agrees(t *testing.T, id string, got why.Answer) {
	t.Helper()
	code := a.logged(id)
	told, kept := a.answers.of(id)
	switch {
	case !kept:
		t.Fatalf("what %s was answered is not known", id)
	case code == "" && told.status == http.StatusSeeOther && told.header.Get("X-Error-Code") == "":
		// The form or the engine that it leads to tells it: the line of that has the code.
		want := got.Cause
		if want == "provider_failed" {
			want = "form_refused" // Kratos makes a message in a form of it; that it came from a provider is known by the path alone
		}
		if codes := a.ledTo(id); !slices.Contains(codes, want) {
			t.Errorf("neither the line of %s nor those of what it led to have the code %q, but %q", id, want, codes)
		}
		return
	case code == "":
		t.Errorf("the log has no code for %s, which was answered %d", id, told.status)
	case got.At == id && code != got.Cause && code != got.Shown:
		t.Errorf("the log has the code %q, why says %q (shown %q)", code, got.Cause, got.Shown)
	}
	switch {
	case told.status == http.StatusNoContent: // a preflight, which has no more than its headers of CORS
		return
	case told.path == "/forward-auth": // a line of text for a proxy
		told.header.Set("Content-Type", "application/json")
	}
	if sent := told.header.Get("X-Error-Code"); sent != code {
		t.Errorf("X-Error-Code is %q, and the log has the code %q", sent, code)
	}
	shows(t, told, id, code)
}

// shows holds the body of an answer against the code: a redirect has none to show it in.
func shows(t *testing.T, told asAnswered, id, code string) {
	t.Helper()
	kind, _, _ := strings.Cut(told.header.Get("Content-Type"), ";")
	switch {
	case told.header.Get("Location") != "" && told.status/100 == 3:
	case kind == "text/html":
		for _, want := range []string{code, id} {
			if !regexp.MustCompile(`<code[^>]*>(<bdi>)?` + regexp.QuoteMeta(want) + `(</bdi>)?</code>`).MatchString(told.body) {
				t.Errorf("the page of %s does not show %q:\n%s", told.path, want, told.body)
			}
		}
	case kind != "application/json":
		t.Errorf("%s was answered with %q, which is neither a page nor JSON", told.path, kind)
	case theirs(told.path) != nil:
		if !theirs(told.path).MatchString(told.body) {
			t.Errorf("the answer of %s has another form than upstream's: %s", told.path, told.body)
		}
	default:
		var ours struct {
			Error struct{ ID, Request string } `json:"error"`
		}
		if err := json.Unmarshal([]byte(told.body), &ours); err != nil || ours.Error.ID != code || ours.Error.Request != id {
			t.Errorf("error.id is %q and error.request %q, want %q and %q (%v): %s", ours.Error.ID, ours.Error.Request, code, id, err, told.body)
		}
	}
}

// lined is what of a line of the log is compared.
type lined struct{ Msg, Request_id, Flows, Error_code string } //nolint:revive // as it is in the log

func (a asker) lines() (out []lined) {
	for line := range strings.Lines(a.Log.String()) {
		var entry lined
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "request" {
			out = append(out, entry)
		}
	}
	return out
}

// logged is the code in the line of a request.
func (a asker) logged(id string) (code string) {
	for _, entry := range a.lines() {
		if entry.Request_id == id {
			code = entry.Error_code
		}
	}
	return code
}

// ledTo returns the codes of the requests that share a step with another one.
func (a asker) ledTo(id string) (codes []string) {
	all := a.lines()
	var steps []string
	for _, entry := range all {
		if entry.Request_id == id {
			steps = strings.Fields(entry.Flows)
		}
	}
	for _, l := range all {
		if l.Error_code != "" && slices.ContainsFunc(steps, func(s string) bool { return slices.Contains(strings.Fields(l.Flows), s) }) {
			codes = append(codes, l.Error_code)
		}
	}
	return codes
}
