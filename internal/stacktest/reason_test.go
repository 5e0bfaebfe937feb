package stacktest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	spans "go.opentelemetry.io/proto/otlp/trace/v1"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/why"
)

// TestFromARequestIDToTheReason makes sign-ins fail, and starts from the id that stands on the page, or in the error that
// a program got: `identityd why`, the line of the log, the trace and the audit trail tell the same. A database that is
// away has TestTracesOverReplicas.
func TestFromARequestIDToTheReason(t *testing.T) {
	h, c, folder := newHooked(t), newOTLP(t), t.TempDir()
	where := []Option{orStandIn(t), Set("data_dir", folder)}
	s := Start(t, append(where[:2:2], withFiles(t, map[string]string{"clients": whyFile, "hooks": h.file(t, "")}),
		Set("tracing.endpoint", c.URL), Set("tracing.sample", "0"), Set("throttle.account.free", "2"))...)
	ada := s.Whoami(t, atHome(t, s, "ada@example.com")).Identity.ID
	bob := s.Whoami(t, atHome(t, s, "bob@example.com")).Identity.ID
	makePerson(t, s, "carol@example.com")
	setState(t, s, bob, "inactive")
	var unaudited []string
	for _, tt := range []struct {
		name string
		// fails returns what the person is shown.
		fails func(t *testing.T) shown
		// code is told everywhere, and says is in the sentence of why.
		code, says string
		// audited is the kind of a record in the trail, and of whom. Empty is none, on purpose: a request of an application
		// that is wrong is of no person, and anybody can fill the trail with such.
		audited, of string
	}{
		{"a wrong password", func(t *testing.T) shown {
			return refusedIn(t, func(b *Browser) {
				b.Open(s.Begin("notes"))
				b.Submit(selfService, map[string]string{"identifier": "ada@example.com", "password": "not-the-password", "method": "password"})
			})
		}, "wrong_password", ada, "LoginFailed", ada},
		{"a person who was disabled", func(t *testing.T) shown {
			return refusedIn(t, func(b *Browser) {
				b.Open(s.Begin("notes"))
				b.signIn("bob@example.com")
			})
		}, "account_disabled", "notes", "LoginFailed", ""},
		{"a person who was disabled, in an application without a browser", func(t *testing.T) shown {
			return refusedProgram(t, nativeLogin(t, s), "bob@example.com", password)
		}, "account_disabled", "disabled", "LoginFailed", ""},
		{"an address of the application that is not registered", func(t *testing.T) shown {
			return refusedIn(t, func(b *Browser) { b.Open(s.Begin("notes", "redirect_uri", "https://elsewhere.example.com/callback")) })
		}, "redirect_uri_unknown", "notes", "", ""},
		{"a receiver of a hook that says no", func(t *testing.T) shown {
			h.become(func(call hookCall) (int, string) {
				if call.Event == "consent.before" {
					return http.StatusForbidden, `{"message":"Members only."}`
				}
				return http.StatusNoContent, ""
			})
			defer h.become(nil)
			told := refusedIn(t, func(b *Browser) {
				b.Open(s.Begin("notes"))
				b.signIn("ada@example.com")
				b.Submit(`form[action$="/consent"]`, map[string]string{"action": "allow"})
			})
			trace := text(linesOf(t, s, told.id)[0]["trace_id"])
			if got := h.await(t, "consent.before", nil).Parent; trace == "" || !strings.Contains(got, "-"+trace+"-") {
				t.Errorf("the receiver was told the trace %q, want %s", got, trace)
			}
			return told
		}, "hook_refused", "notes", "OAuth2ConsentRejected", ada},
		{"too many wrong passwords", func(t *testing.T) shown {
			return refusedIn(t, func(b *Browser) {
				b.Open(s.Begin("notes"))
				for range 5 {
					if b.Submit(selfService, map[string]string{"identifier": "carol@example.com", "password": "not-the-password", "method": "password"}); b.Status == http.StatusTooManyRequests {
						break
					}
				}
			})
		}, "too_many_attempts", "notes", "LoginThrottled", ""},
		{"too many wrong passwords, in an application without a browser", func(t *testing.T) shown {
			return refusedProgram(t, nativeLogin(t, s), "carol@example.com", "not-the-password")
		}, "too_many_attempts", "too many", "LoginThrottled", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			told := tt.fails(t)
			got := toldBy(t, where, told.id, tt.code)
			if got.Cause != tt.code || got.At != told.id || !strings.Contains(got.Sentence, tt.says) {
				t.Fatalf("why says %q at %s: %s", got.Cause, got.At, got.Sentence)
			}
			t.Logf("%s\n  %s\n  %s", told.id, got.Sentence, got.Cure)
			line := linesOf(t, s, told.id)[0]
			// A form that is shown again is an answer that went well, and has no header.
			if line["error_code"] != tt.code || told.code != tt.code && told.status >= http.StatusBadRequest {
				t.Errorf("the log has the code %v and the answer %q, want %s", line["error_code"], told.code, tt.code)
			}
			if told.page != "" && !strings.Contains(told.page, tt.code) && told.status >= http.StatusBadRequest && tt.code != "too_many_attempts" {
				t.Errorf("the page does not show the code: %s", told.page)
			}
			trace := text(line["trace_id"])
			all := c.await(t, "of the trace in the log", func(all []*spans.Span) bool {
				return anySpan(all, func(s *spans.Span) bool { return traceOf(s) == trace && spanText(s, "identityd.request_id") == told.id }) != nil &&
					ofRequest(all, got.Steps[0].Request) != nil
			})
			span := ofRequest(all, told.id)
			if spanText(span, "identityd.error_code") != tt.code || spanText(span, "identityd.cause") != text(line["cause"]) || text(line["cause"]) == "" {
				t.Errorf("the trace says %q (%q), the log %q", spanText(span, "identityd.error_code"), spanText(span, "identityd.cause"), line["cause"])
			}
			if story := spanText(span, "identityd.sign_in"); story != got.Story || story != text(line["story"]) || (story == "") != (told.page == "") {
				t.Errorf("why says the sign-in %q, the log %q, and the trace %q", got.Story, line["story"], story)
			}
			if tt.audited == "" {
				unaudited = append(unaudited, told.id)
				return
			}
			if len(recordsOf(t, where, requestsOf(got.Steps), tt.audited, tt.of)) == 0 {
				t.Errorf("no record of the audit trail is %s of one of its requests", tt.audited)
			}
			if !slices.ContainsFunc(got.Steps, func(s *why.Step) bool {
				return slices.ContainsFunc(s.Events, func(e why.Event) bool { return e.Kind == tt.audited })
			}) {
				t.Errorf("why does not show %s", tt.audited)
			}
		})
	}
	// Records are written in their order, and later ones are there.
	if got := recordsOf(t, where, unaudited, "", ""); len(unaudited) != 1 || len(got) > 0 {
		t.Errorf("the trail has %+v of %v, want nothing", got, unaudited)
	}
}

// shown is what somebody was told who was refused: the id and the code are those of the answer, and the id stands on the
// page or in the body.
type shown struct {
	id, code, page string
	status         int
}

// pageID is an id as we make them.
var pageID = regexp.MustCompile(`\b[A-Z2-7]{26}\b`)

// refusedIn has a browser do something, and reads the id from the page that it ends at.
func refusedIn(t *testing.T, do func(*Browser)) shown {
	t.Helper()
	b, header := NewBrowser(t), http.Header{}
	b.Watch(func(res *http.Response) { header = res.Header })
	do(b)
	if b.Page == nil {
		t.Fatalf("got no page at %s (%d)", b.URL, b.Status)
	}
	out := shown{pageID.FindString(b.Page.Text("main")), header.Get("X-Error-Code"), b.Page.Text("main"), b.Status}
	if out.id == "" || out.id != header.Get("X-Request-Id") {
		t.Fatalf("the page shows the id %q, and the answer has %q: %s", out.id, header.Get("X-Request-Id"), out.page)
	}
	return out
}

// refusedProgram signs in as an application without a browser does, and reads the id from the error.
func refusedProgram(t *testing.T, action, who, secret string) shown {
	t.Helper()
	raw, err := json.Marshal(map[string]string{"method": "password", "identifier": who, "password": secret})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, action, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var body struct{ Error struct{ Request string } }
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	if id := body.Error.Request; id == "" || id != res.Header.Get("X-Request-Id") {
		t.Fatalf("the error has the id %q, and the answer %q", id, res.Header.Get("X-Request-Id"))
	}
	return shown{body.Error.Request, res.Header.Get("X-Error-Code"), "", res.StatusCode}
}

// toldBy asks the command until it knows: the lines of a request are written after its answer.
func toldBy(t *testing.T, where []Option, id, want string) (got why.Answer) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline) && got.Cause != want; {
		got = why.Answer{}
		stdout, stderr, _ := command(t, where, "why", id, "--json")
		if err := json.Unmarshal([]byte(stdout), &got); err != nil {
			t.Fatalf("%v: %s%s", err, stdout, stderr)
		}
	}
	return got
}

func requestsOf(steps []*why.Step) (out []string) {
	for _, s := range steps {
		out = append(out, s.Request)
	}
	return out
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// record is one of the audit trail.
type record struct{ Kind, Outcome, Subject, Request string }

// recordsOf returns the records of the trail that are of one of the requests. It waits for one of a kind on somebody,
// where there has to be one.
func recordsOf(t *testing.T, where []Option, requests []string, kind, subject string) (out []record) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		stdout, stderr, code := command(t, where, "audit", "export", "--since", "1h")
		if code != 0 {
			t.Fatalf("got %d: %s", code, stderr)
		}
		out = out[:0]
		there := kind == ""
		for line := range strings.Lines(stdout) {
			var r record
			if json.Unmarshal([]byte(line), &r) != nil || !slices.Contains(requests, r.Request) {
				continue
			}
			out = append(out, r)
			there = there || r.Kind == kind && (subject == "" || r.Subject == subject)
		}
		if there {
			return out
		}
	}
	return nil
}

// TestOneLineForEachRequest asks every listener for something, and for something that is not there.
func TestOneLineForEachRequest(t *testing.T) {
	folder := t.TempDir()
	one := Start(t, orStandIn(t), Set("data_dir", folder))
	door, err := control.Dial(folder)
	if err != nil {
		t.Fatal(err)
	}
	public := Ports(t, 3)
	where := func(i int) string { return "http://localhost:" + strconv.Itoa(public[i].Addr().(*net.TCPAddr).Port) }
	three := Start(t, orStandIn(t), Set("urls.ui", where(0)), Set("urls.hydra", where(1)), Set("urls.kratos", where(2)))
	type at struct {
		s        *Stack
		address  string
		listener string
	}
	list := []at{{one, "http://" + one.Address("gateway"), "gateway"}}
	for _, name := range []string{"ui", "hydra_public", "kratos_public", "hydra_admin", "kratos_admin", "ops"} {
		list = append(list, at{three, "http://" + three.Address(name), name})
	}
	list = append(list, at{one, control.Base, "control"})
	known := documentedKeys(t)
	for _, to := range list {
		for _, path := range []string{"/nothing-is-here", "/"} {
			t.Run(to.listener+" has one line for "+path, func(t *testing.T) {
				id := "line-" + to.listener + strings.ReplaceAll(path, "/", "-")
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to.address+path, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("X-Request-Id", id)
				way := http.DefaultTransport
				if to.listener == "control" {
					way = door.Transport()
				}
				res, err := way.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				raw, err := io.ReadAll(res.Body)
				if err != nil {
					t.Fatal(err)
				}
				if got := res.Header.Get("X-Request-Id"); got != id {
					t.Errorf("the answer has the id %q", got)
				}
				// Hydra's and Kratos' admin APIs are for programs, and have a page of Ory's.
				isOurs := !strings.HasSuffix(to.listener, "_admin") && strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && res.StatusCode >= http.StatusBadRequest
				if isOurs && !bytes.Contains(raw, []byte(id)) {
					t.Errorf("the page does not show the id: %s", raw)
				}
				lines := linesOf(t, to.s, id)
				if len(lines) != 1 {
					t.Fatalf("got %d lines, want 1: %v", len(lines), lines)
				}
				if lines[0]["listener"] != to.listener || lines[0]["path"] != path {
					t.Errorf("got %v", lines[0])
				}
				for key := range lines[0] {
					if !known[key] {
						t.Errorf("docs/observability.md does not explain %s", key)
					}
				}
			})
		}
		t.Run(to.listener+" has the id in an error of ours as JSON", func(t *testing.T) { holdErrorID(t, to.s, to.listener, to.address, folder) })
	}
}

// holdErrorID declares a body that is too long, which each listener refuses by itself.
func holdErrorID(t *testing.T, s *Stack, listener, address, folder string) {
	t.Helper()
	network, host := "tcp", strings.TrimPrefix(address, "http://")
	if listener == "control" {
		network, host = "unix", control.Path(folder)
	}
	conn, err := net.Dial(network, host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	id := "too-long-" + listener
	if network == "unix" {
		host = "localhost"
	}
	fmt.Fprintf(conn, "POST /x HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\nX-Request-Id: %s\r\nContent-Length: 99999999999\r\n\r\n", host, id)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var body struct{ Error struct{ ID, Request string } }
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	got := [...]string{res.Header.Get("X-Request-Id"), body.Error.Request, res.Header.Get("X-Error-Code"), body.Error.ID, text(linesOf(t, s, id)[0]["error_code"])}
	if want := [...]string{id, id, "body_too_large", "body_too_large", "body_too_large"}; res.StatusCode != http.StatusRequestEntityTooLarge || got != want {
		t.Errorf("got %d %q, want %q", res.StatusCode, got, want)
	}
}

// linesOf waits for the line of a request, and returns all that there are.
func linesOf(t *testing.T, s *Stack, id string) (out []map[string]any) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline) && len(out) == 0; {
		for line := range strings.Lines(s.Log.String()) {
			var m map[string]any
			if json.Unmarshal([]byte(line), &m) == nil && m["msg"] == "request" && m["request_id"] == id {
				out = append(out, m)
			}
		}
	}
	return out
}

// documentedKeys are those of the table in docs/observability.md.
func documentedKeys(t *testing.T) map[string]bool {
	t.Helper()
	raw, err := os.ReadFile("../../docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(raw), "| Key | What it says |")
	table, _, _ = strings.Cut(table, "\n\n")
	out := map[string]bool{}
	for row := range strings.Lines(table) {
		first, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
		for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(first, -1) {
			out[m[1]] = true
		}
	}
	if len(out) < 15 {
		t.Fatalf("got %d keys", len(out))
	}
	return out
}
