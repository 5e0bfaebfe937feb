package ui

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/identity"
)

func FuzzStartingAFlowNeverLeavesKratos(f *testing.F) {
	f.Add("challenge", "https://app.example/x", "email", "restart")
	f.Add("a b", "//evil.example", "\r\nX: y", "flow")
	f.Add("=", `/\evil.example`, "", "x")
	nobody := engines()
	nobody.whoami = signedOut
	u := newUI(f, nobody)
	f.Fuzz(func(t *testing.T, challenge, returnTo, via, extra string) {
		query := url.Values{
			"login_challenge": {challenge}, "return_to": {returnTo}, "via": {via}, "x" + extra: {extra},
		}
		for kind, allowed := range map[string][]string{
			"login":    {"login_challenge", "return_to", "via"},
			"recovery": {"return_to"},
		} {
			w := httptest.NewRecorder()
			u.ServeHTTP(w, httptest.NewRequest("GET", "/"+kind+"?"+query.Encode(), nil))
			if w.Code == 400 {
				continue
			}
			checkStart(t, w.Header().Get("Location"), kind, allowed)
		}
	})
}

func checkStart(t *testing.T, location, kind string, allowed []string) {
	t.Helper()
	if strings.ContainsAny(location, "\r\n\x00") {
		t.Fatalf("header injected: %q", location)
	}
	to, err := url.Parse(location)
	if err != nil || origin(to) != kratosURL || to.Path != "/self-service/"+kind+"/browser" {
		t.Fatalf("left for %q", location)
	}
	for name := range to.Query() {
		if !slices.Contains(allowed, name) {
			t.Fatalf("passed on %q", name)
		}
	}
	if back := to.Query().Get("return_to"); back != "" {
		parsed, err := url.Parse(back)
		if err != nil || strings.HasPrefix(back, "//") || strings.Contains(back, `\`) ||
			parsed.Scheme != "" && !isWeb(parsed) {
			t.Fatalf("passed on return_to %q", back)
		}
	}
}

func FuzzMailsNeverLeadAway(f *testing.F) {
	f.Add("123456", kratosURL+"/self-service/verification?flow=f-1", "verification:f-1")
	f.Add("123456", "https://evil.example/", "recovery:f-1")
	f.Add(`"><b>`, "javascript:alert(1)", "../x:f")
	inbox := &fakeInbox{}
	cfg := config(engines())
	cfg.Inbox = inbox
	u := newUIWith(f, cfg)
	f.Fuzz(func(t *testing.T, code, address, waiting string) {
		m := codeMail()
		m.Code, m.Link = code, address
		inbox.mails = []identity.Mail{m}
		r := httptest.NewRequest("GET", "/account/inbox", nil)
		r.AddCookie(&http.Cookie{Name: waitingCookie, Value: waiting})
		w := httptest.NewRecorder()
		u.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("got status %d", w.Code)
		}
		for _, n := range htmltest.Parse(t, w.Body).All(".mails .button") {
			href, _ := htmltest.Attr(n, "href")
			to, err := url.Parse(href)
			if err != nil || !isWeb(to) || to.User != nil ||
				!strings.HasPrefix(strings.ToLower(origin(to)), "http://id.test:") { // names of hosts have no case
				t.Fatalf("leads to %q", href)
			}
		}
	})
}

func FuzzRenderingNodes(f *testing.F) {
	for _, seed := range []string{
		`[{"type":"input","group":"default","attributes":{"name":"csrf_token","type":"hidden","value":"t"}}]`,
		`[{"type":"input","group":"password","attributes":{"name":"p","type":"password"},"meta":{"label":{"text":"<b>"}}}]`,
		`[{"type":"img","attributes":{"src":"data:image/png;base64,AA==","width":-1}}]`,
		`[{"type":"a","attributes":{"href":"javascript:x","title":{"text":"t"}}},{"type":"text"}]`,
		`[{"type":"input","attributes":{"name":"n","type":"checkbox","value":{"a":[1,null]}},"messages":[{"type":"error"}]}]`,
		`[{"type":"div","group":"captcha","attributes":{"name":"c","type":"hidden","value":1e30}}]`,
	} {
		f.Add(seed)
	}
	engines := engines()
	u := newUI(f, engines)
	f.Fuzz(func(t *testing.T, nodes string) {
		flow := flowOf()
		if json.Unmarshal([]byte(nodes), &flow.UI.Nodes) != nil {
			return
		}
		engines.flow = func(identity.FlowKind, string, string) (*identity.Flow, error) {
			return flow, nil
		}
		w := httptest.NewRecorder()
		u.ServeHTTP(w, httptest.NewRequest("GET", "/login?flow=x", nil))
		if w.Code != 200 {
			t.Fatalf("got status %d", w.Code)
		}
		page := htmltest.Parse(t, w.Body)
		page.Missing(`script:not([src^="/assets/"]):not([src^="/.well-known/ory/webauthn.js?v="])`)
		page.Missing("style, [style], [onclick], [onerror], [href^=javascript], iframe, object")
		for _, form := range page.All("form") {
			if action, _ := htmltest.Attr(form, "action"); !strings.HasPrefix(action, kratosURL+"/") {
				t.Fatalf("a form posts to %q", action)
			}
		}
	})
}
