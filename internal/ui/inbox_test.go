package ui

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/identity"
)

type fakeInbox struct{ mails []identity.Mail }

func (f *fakeInbox) Mails() []identity.Mail { return f.mails }

func (f *fakeInbox) Mail(id string) (identity.Mail, bool) {
	i := slices.IndexFunc(f.mails, func(m identity.Mail) bool { return m.ID == id })
	if i < 0 {
		return identity.Mail{}, false
	}
	return f.mails[i], true
}

func (f *fakeInbox) Clear() { f.mails = nil }

// codeMail is what Kratos writes for a recovery.
func codeMail() identity.Mail {
	return identity.Mail{
		ID: "m1", From: "no-reply@id.test", To: []string{"anna@example.com"},
		Subject: "Use code 123456 to recover access to your account",
		Date:    time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC),
		Text:    "Enter the following code:\r\n\r\n\r\n123456\r\n", HTML: "<p>123456</p>", Code: "123456",
	}
}

func withMails(t *testing.T, mails ...identity.Mail) *browser {
	t.Helper()
	cfg := config(engines())
	cfg.Inbox = &fakeInbox{mails: mails}
	return newBrowser(t, newUIWith(t, cfg))
}

func TestTheInboxListsMailNewestFirst(t *testing.T) {
	second := codeMail()
	second.ID, second.Subject, second.Code = "a/b?c", "", ""
	page := withMails(t, second, codeMail()).get("/account/inbox").shows(http.StatusOK)
	var got []string
	for _, n := range page.All(".mails .subject") {
		href, _ := htmltest.Attr(n, "href")
		got = append(got, href+" "+htmltest.Text(n))
	}
	want := []string{
		"/account/inbox/a%2Fb%3Fc (no subject)",
		"/account/inbox/m1 Use code 123456 to recover access to your account",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for selector, want := range map[string]string{
		".mails li:last-child bdi:not(.subject bdi)": "anna@example.com",
		".code": "123456",
		".dev":  "Development inbox: mail is not sent. It is kept here until identityd stops.",
	} {
		if got := page.Text(selector); got != want {
			t.Errorf("%s: got %q, want %q", selector, got, want)
		}
	}
	if got, want := page.Attr("li:last-child time", "datetime"), "2025-03-04T05:06:07Z"; got != want {
		t.Errorf("time: got %q, want %q", got, want)
	}
	if got := page.Attr(`a[href="/account/inbox"]`, "data-again"); got != "5" {
		t.Errorf("refresh: got %q, want 5", got)
	}
	page.Missing(".mails .button")
}

func TestAnEmptyInboxSaysSo(t *testing.T) {
	page := withMails(t).get("/account/inbox").shows(http.StatusOK)
	page.Missing(".mails, form")
	if got := page.Text("main"); !strings.Contains(got, "No mail yet.") {
		t.Errorf("got %q", got)
	}
}

func TestAMailShowsItsPartsAndDoesNotReload(t *testing.T) {
	b := withMails(t, codeMail(), identity.Mail{ID: "m2", Subject: "Hello"})
	page := b.get("/account/inbox/m1").shows(http.StatusOK)
	for selector, want := range map[string]string{
		"h1": "Use code 123456 to recover access to your account", "p.letter": "Enter the following code: 123456",
		"dd:nth-of-type(1)": "no-reply@id.test", "dd:nth-of-type(2)": "anna@example.com",
	} {
		if got := page.Text(selector); got != want {
			t.Errorf("%s: got %q, want %q", selector, got, want)
		}
	}
	if got, want := page.Attr("iframe", "src"), "/account/inbox/m1/html"; got != want {
		t.Errorf("frame: got %q, want %q", got, want)
	}
	if got := page.Attr("iframe", "sandbox"); got != "" {
		t.Errorf("sandbox: got %q, want one that allows nothing", got)
	}
	page.Missing(`[data-again]`)
	bare := b.get("/account/inbox/m2")
	bare.shows(http.StatusOK).Missing("iframe, p.letter, .code")
	if csp := bare.header.Get("Content-Security-Policy"); strings.Contains(csp, "frame-src") {
		t.Errorf("frames are allowed where there is none: %q", csp)
	}
	for _, target := range []string{"/account/inbox/m3", "/account/inbox/m3/html", "/account/inbox/m2/html"} {
		b.get(target).shows(http.StatusNotFound)
	}
}

func TestTheHTMLOfAMailMayDoNothing(t *testing.T) {
	m := codeMail()
	m.HTML = hostile
	got := withMails(t, m).get("/account/inbox/m1/html")
	if got.body != hostile {
		t.Errorf("got body %q, want the mail's own", got.body)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; " +
			"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
		"X-Frame-Options": "SAMEORIGIN", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		"Content-Type": "text/html; charset=utf-8",
	} {
		if got := got.header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestAMailLeadsIntoTheFlowThatWaitsForIt(t *testing.T) {
	verify := kratosURL + "/self-service/verification?code=123456&flow="
	use := func(kind string) string { return uiURL + "/" + kind + "?code=123456&flow=f-1" }
	for name, tt := range map[string]struct {
		waiting, code, link string
		want                string
	}{
		"a code alone fits what waits":                {"recovery:f-1", "123456", "", use("recovery")},
		"the link names the flow that waits":          {"verification:f-1", "123456", verify + "f-1", use("verification")},
		"the link names another flow":                 {"verification:f-1", "123456", verify + "f-2", verify + "f-2"},
		"the link names another kind":                 {"recovery:f-1", "123456", verify + "f-1", verify + "f-1"},
		"nothing waits, so the link is used":          {"", "123456", verify + "f-2", verify + "f-2"},
		"a link alone":                                {"", "", kratosURL + "/self-service/recovery?token=t&flow=f", kratosURL + "/self-service/recovery?token=t&flow=f"},
		"a link to a stranger is none":                {"", "123456", "https://evil.example/self-service/verification?flow=f", ""},
		"a stranger's link does not name a flow":      {"recovery:f-1", "123456", "https://evil.example/", use("recovery")},
		"a link to a script is none":                  {"", "", "javascript:alert(1)", ""},
		"a cookie with a damaged id is no flow":       {"recovery:f 1", "123456", "", ""},
		"a cookie with another kind is no flow":       {"../evil:f-1", "123456", "", ""},
		"a cookie with no kind is no flow":            {"f-1", "123456", "", ""},
		"settings never wait for a code":              {"settings:f-1", "123456", "", ""},
		"what is not a code is not put in an address": {"recovery:f-1", `1"&x=`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := codeMail()
			m.Code, m.Link = tt.code, tt.link
			b := withMails(t, m)
			if tt.waiting != "" {
				b.jar[waitingCookie] = url.PathEscape(tt.waiting)
			}
			for target, selector := range map[string]string{
				"/account/inbox": ".mails .button", "/account/inbox/m1": "main > .button",
			} {
				page := b.get(target).shows(http.StatusOK)
				if tt.want == "" {
					page.Missing(selector)
					continue
				}
				if got := page.Attr(selector, "href"); got != tt.want {
					t.Errorf("%s: got %q, want %q", target, got, tt.want)
				}
			}
		})
	}
}

func TestClearingTheInboxNeedsOurForm(t *testing.T) {
	b := withMails(t, codeMail())
	b.post("/account/inbox/clear", url.Values{}).shows(http.StatusForbidden)
	form := b.get("/account/inbox").shows(http.StatusOK).Form("form")
	if want := "/account/inbox/clear"; form.Action != want {
		t.Errorf("form: got %q, want %q", form.Action, want)
	}
	b.post(form.Action, form.Fields).goesTo(uiURL + "/account/inbox")
	b.get("/account/inbox").shows(http.StatusOK).Missing(".mails")
}

func TestProductionHasNoInbox(t *testing.T) {
	cfg := config(sent(identity.Recovery))
	cfg.Inbox = nil
	b := newBrowser(t, newUIWith(t, cfg))
	for _, target := range []string{"/account/inbox", "/account/inbox/m1", "/account/inbox/m1/html"} {
		b.get(target).shows(http.StatusNotFound)
	}
	b.post("/account/inbox/clear", url.Values{}).shows(http.StatusNotFound)
	b.get("/recovery?flow=x").shows(http.StatusOK).Missing(`[href*="inbox"]`)
	if _, ok := b.jar[waitingCookie]; ok {
		t.Error("the waiting flow is remembered for nobody")
	}
}

func TestPlainLines(t *testing.T) {
	for text, want := range map[string]string{
		"a\r\n b \r\n\r\n\r\nc\n\n": "a\nb\n\nc", "\n\na": "a", "": "", "\u202ea\x00": "a",
		strings.Repeat("abcdefghi\n", 3): "abcdefghi\n…",
	} {
		if got := plainLines(text, 12); got != want {
			t.Errorf("plainLines(%q): got %q, want %q", text, got, want)
		}
	}
}
