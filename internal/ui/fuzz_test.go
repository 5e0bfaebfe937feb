package ui

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/identity"
)

func FuzzStartingAFlowNeverLeavesKratos(f *testing.F) {
	f.Add("challenge", "https://app.example/x", "email", "restart")
	f.Add("a b", "//evil.example", "\r\nX: y", "flow")
	f.Add("=", `/\evil.example`, "", "x")
	u := newUI(f, engines())
	f.Fuzz(func(t *testing.T, challenge, returnTo, via, extra string) {
		query := url.Values{
			"login_challenge": {challenge}, "return_to": {returnTo}, "via": {via}, "x" + extra: {extra},
		}
		r := httptest.NewRequest("GET", "/login?"+query.Encode(), nil)
		w := httptest.NewRecorder()
		u.ServeHTTP(w, r)
		if w.Code == 400 {
			return
		}
		location := w.Header().Get("Location")
		if strings.ContainsAny(location, "\r\n\x00") {
			t.Fatalf("header injected: %q", location)
		}
		to, err := url.Parse(location)
		if err != nil || origin(to) != kratosURL || to.Path != "/self-service/login/browser" {
			t.Fatalf("left for %q", location)
		}
		for name := range to.Query() {
			switch name {
			case "login_challenge", "return_to", "via":
			default:
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
		page.Missing("script, style, [style], [onclick], [onerror], [href^=javascript], iframe, object")
		for _, form := range page.All("form") {
			if action, _ := htmltest.Attr(form, "action"); !strings.HasPrefix(action, kratosURL+"/") {
				t.Fatalf("a form posts to %q", action)
			}
		}
	})
}
