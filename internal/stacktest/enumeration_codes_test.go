package stacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/tried"
)

// floorOfRefusals is that of internal/kratos.
const floorOfRefusals = 350 * time.Millisecond

// codeTries is one more than Kratos lets anybody make in one flow.
const codeTries = 6

// codeAnswers are all that somebody sees who asks for a code and then guesses it.
type codeAnswers struct {
	native  []toldAnswer
	browser []toldAnswer
	fastest time.Duration
}

// codesOfNobody holds that a sign-in by code does not tell who has an account (docs/adr/0047-neutral-codes.md).
func codesOfNobody(t *testing.T, s *Stack) {
	const known, unknown = "incoded@example.com", "uncoded@example.com"
	newPersonWithToken(t, s, known)
	yes, no := askedForCodes(t, s, known), askedForCodes(t, s, unknown)
	same := 0
	for i, name := range []string{"asking", "a wrong code", "another", "the third", "the fourth", "the fifth", "one too many"} {
		t.Run(name+", by the API, says nothing", func(t *testing.T) {
			if diff := cmp.Diff(yes.native[i], no.native[i]); diff != "" {
				t.Errorf("answers differ (-known +unknown):\n%s", diff)
				return
			}
			same++
		})
	}
	for i, name := range []string{"asking", "the page of it", "a wrong code", "the page of it"} {
		t.Run(name+", in a browser, says nothing", func(t *testing.T) {
			if diff := cmp.Diff(yes.browser[i], no.browser[i]); diff != "" {
				t.Errorf("answers differ (-known +unknown):\n%s", diff)
				return
			}
			same++
		})
	}
	t.Run("it is the page that asks for the code, and tries are counted", func(t *testing.T) {
		asked, last := no.native[0], no.native[codeTries]
		if asked.Status != http.StatusBadRequest || !strings.Contains(asked.Body, `"state":"sent_email"`) || strings.Contains(asked.Body, "4000035") {
			t.Errorf("got %+v", asked)
		}
		if last.Body == no.native[1].Body {
			t.Errorf("got the same answer to the first and to one too many: %+v", last)
		}
	})
	t.Run("both take the floor at the least", func(t *testing.T) {
		if yes.fastest < floorOfRefusals || no.fastest < floorOfRefusals {
			t.Errorf("got %s and %s, want %s at the least", yes.fastest, no.fastest, floorOfRefusals)
		}
	})
	mails := map[string]int{known: len(codesQueued(t, s, known)), unknown: len(codesQueued(t, s, unknown))}
	t.Run("mail goes to who has an account alone", func(t *testing.T) {
		if diff := cmp.Diff(map[string]int{known: 2, unknown: 0}, mails); diff != "" {
			t.Errorf("mails (-want +got):\n%s", diff)
		}
	})
	tried.Report(t, "asking who has an account, by a sign-in by code and by guessing it, with the API and a browser",
		"%d of %d answers to a known and an unknown address are the same; the fastest took %d and %d ms; %d and %d mails",
		same, len(yes.native)+len(yes.browser), yes.fastest.Milliseconds(), no.fastest.Milliseconds(), mails[known], mails[unknown])
}

// codesThatTell shows that codesOfNobody would notice.
func codesThatTell(t *testing.T, s *Stack) {
	const known, unknown = "incoded@example.com", "uncoded@example.com"
	newPersonWithToken(t, s, known)
	flow, fields := nativeFlow(t, s, "/self-service/login/api", "").ID, map[string]any{"method": "code", "identifier": "ADDRESS"}
	yes, no := askedIn(t, s, flow, "login", known, fields), askedFor(t, s, "login", unknown, fields)
	if strings.Contains(yes.Body, "4000035") || !strings.Contains(no.Body, "4000035") {
		t.Errorf("Kratos is silent by itself now: %+v", no)
	}
	tried.Report(t, "asking who has an account, by a sign-in by code, without what keeps it silent", "answers to a known and an unknown address are the same: %t", cmp.Equal(yes, no))
	t.Run("and is entered in the name of somebody else", func(t *testing.T) {
		codes := codesQueued(t, s, known)
		if len(codes) != 1 {
			t.Fatalf("got codes %q, want one", codes)
		}
		got := askedIn(t, s, flow, "login", known, map[string]any{"method": "code", "identifier": unknown, "address": "ADDRESS", "code": codes[0]})
		if got.Status != http.StatusOK {
			t.Errorf("Kratos does not look for the address first any more: %+v", got)
		}
		tried.Report(t, "a code in the name of one account with the address of another, without what holds them against each other", "%d", got.Status)
	})
}

// askedForCodes asks for a code to sign in with, and guesses it, both as an application and in a browser.
func askedForCodes(t *testing.T, s *Stack, address string) (out codeAnswers) {
	t.Helper()
	flow := nativeFlow(t, s, "/self-service/login/api", "").ID
	fields := map[string]any{"method": "code", "identifier": "ADDRESS"}
	for range codeTries + 1 {
		began := time.Now()
		out.native = append(out.native, askedIn(t, s, flow, "login", address, fields))
		if took := time.Since(began); out.fastest == 0 || took < out.fastest {
			out.fastest = took
		}
		fields["code"] = "00000x" // no code has a letter
	}
	b := NewBrowser(t)
	b.Open(s.URLs.UI + "/login")
	out.browser = append(b.submitted(s, address, ""), b.submitted(s, address, "00000x")...)
	return out
}

// sealed are values that differ each time.
var sealed = regexp.MustCompile(`[A-Za-z0-9+/_-]{80,}={0,2}|nonce-[^']+|\b[A-Z2-7]{26}\b`)

// submitted sends the form of the page, and returns the answer and the page that it leads to.
func (b *Browser) submitted(s *Stack, address, code string) []toldAnswer {
	b.t.Helper()
	f := b.flow(s)
	form := url.Values{"identifier": {address}, "method": {"code"}, "csrf_token": {fmt.Sprint(node(b.t, f, "csrf_token").Attributes.Value)}}
	if code != "" {
		form.Set("code", code)
	}
	once := *b.client
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := once.Do(postForm(b.t, f.UI.Action, form))
	if err != nil {
		b.t.Fatal(err)
	}
	res.Body.Close()
	to, err := res.Location()
	if err != nil {
		b.t.Fatal(err)
	}
	b.Open(to.String())
	var raw any
	b.read(s.URLs.Kratos+"/self-service/login/flows?id="+to.Query().Get("flow"), &raw)
	stored, err := json.Marshal(raw)
	if err != nil {
		b.t.Fatal(err)
	}
	steady := func(text string) string {
		return strings.ReplaceAll(sealed.ReplaceAllString(fleeting.ReplaceAllString(text, "FLEETING"), "SEALED"), address, "ADDRESS")
	}
	answer := toldAnswer{Status: res.StatusCode}
	for name, values := range res.Header {
		if name != "Date" && name != "X-Request-Id" {
			answer.Headers = append(answer.Headers, steady(fmt.Sprint(name, values)))
		}
	}
	slices.Sort(answer.Headers)
	return []toldAnswer{answer, {Status: b.Status, Headers: []string{steady(b.Page.Text("main"))}, Body: steady(string(stored))}}
}

// codesQueued returns the codes to sign in with that are mailed to an address, the newest first.
func codesQueued(t *testing.T, s *Stack, address string) (codes []string) {
	t.Helper()
	var mails []struct {
		Recipient, Subject string
		Kind               string `json:"template_type"`
	}
	get(t, s.URLs.KratosAdmin+"/admin/courier/messages?recipient="+url.QueryEscape(address), &mails)
	for _, m := range mails {
		if m.Recipient == address && strings.HasPrefix(m.Kind, "login_code") {
			codes = append(codes, regexp.MustCompile(`\b\d{6}\b`).FindString(m.Subject))
		}
	}
	return codes
}
