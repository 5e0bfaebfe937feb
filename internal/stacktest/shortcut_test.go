package stacktest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// arrival is how a way ends: where, and with which cookies in the browser.
type arrival struct {
	Host, Path string
	Query      []string
	Cookies    []string
}

// TestShortcutsEndWhereEveryStepEnds goes the same ways as a program, which makes each redirect itself, and as a
// browser, which is spared those between the parts.
func TestShortcutsEndWhereEveryStepEnds(t *testing.T) {
	s := Start(t, orStandIn(t), withFiles(t, map[string]string{"clients": appsFile}))
	atHome(t, s, "ada@example.com")
	program, browser := NewBrowser(t), NewBrowser(t)
	browser.Says = true
	answers := map[*Browser]int{}
	for _, b := range []*Browser{program, browser} {
		b.Watch(func(*http.Response) { answers[b]++ })
	}
	allow := map[string]string{"action": "allow", "remember": "true"}
	for _, way := range []struct {
		name string
		goes func(*Browser)
		path string
		// steps are those of the program, and of the browser.
		steps [2]int
	}{
		{"from an application to the sign-in", func(b *Browser) { b.Open(s.Begin("notes")) }, "/login", [2]int{4, 2}},
		{"the password", func(b *Browser) { b.signIn("ada@example.com") }, "/consent", [2]int{3, 2}},
		{"the consent", func(b *Browser) { b.Submit("main form", allow) }, "/callback", [2]int{2, 1}},
		{"signed in already, and nothing is asked", func(b *Browser) { b.Open(s.Begin("notes")) }, "/callback", [2]int{5, 1}},
		{"in the background", func(b *Browser) { b.Open(s.Begin("notes", "prompt", "none")) }, "/callback", [2]int{5, 1}},
		{"another application of the same browser", func(b *Browser) { b.Open(s.Begin("ours")) }, "/callback", [2]int{5, 1}},
		{"the account has to be chosen", func(b *Browser) { b.Open(s.Begin("ours", "prompt", "select_account")) }, "/login", [2]int{2, 2}},
		{"the account is chosen", func(b *Browser) { b.Submit(`form[action="/account/choose"]`, nil) }, "/callback", [2]int{4, 1}},
		{"the answer is a form for a script", func(b *Browser) { b.Open(s.Begin("ours", "response_mode", "form_post")) }, "/oauth2/auth", [2]int{5, 2}},
		{"an error of an application", func(b *Browser) { b.Open(s.Begin("ours", "scope", "unknown")) }, "/callback", [2]int{1, 1}},
		{"the sign-out at home", func(b *Browser) {
			b.Open(s.URLs.UI + "/account/")
			b.Submit(`form[action$="/account/logout"]`, nil)
		}, "/account/signed-out", [2]int{4, 3}},
		{"nobody is signed in, and nothing may be asked", func(b *Browser) { b.Open(s.Begin("ours", "prompt", "none")) }, "/callback", [2]int{1, 1}},
	} {
		t.Run(way.name, func(t *testing.T) {
			var ends [2]arrival
			for i, b := range []*Browser{program, browser} {
				answers[b] = 0
				way.goes(b)
				ends[i] = b.arrival(t, s)
				if ends[i].Path != way.path {
					t.Errorf("got %s (%d), want %s", b.URL.Redacted(), b.Status, way.path)
				}
				if answers[b] != way.steps[i] {
					t.Errorf("got %d steps, want %d", answers[b], way.steps[i])
				}
			}
			if diff := cmp.Diff(ends[0], ends[1]); diff != "" {
				t.Errorf("-program +browser:\n%s", diff)
			}
		})
	}
}

// arrival tells values that are made anew each time from nothing by their names alone.
func (b *Browser) arrival(t *testing.T, s *Stack) arrival {
	t.Helper()
	home, err := url.Parse(s.URLs.UI)
	if err != nil {
		t.Fatal(err)
	}
	out := arrival{Host: b.URL.Host, Path: b.URL.Path}
	if b.URL.Hostname() == AppHost {
		out.Query = slices.Sorted(maps.Keys(b.URL.Query()))
	}
	for _, c := range b.client.Jar.Cookies(home) {
		name, _, hashed := strings.Cut(c.Name, "csrf_") // of what it is for
		if hashed {
			name += "csrf"
		}
		out.Cookies = append(out.Cookies, name)
	}
	slices.Sort(out.Cookies)
	return out
}

// TestAShortcutIsTakenOnce sends a consent twice, as a double click does: the second one is refused as it is
// without shortcuts, and gives no second code. A sign-out that was refused cannot be accepted afterwards.
func TestAShortcutIsTakenOnce(t *testing.T) {
	s := Start(t, orStandIn(t), withFiles(t, map[string]string{"clients": appsFile}))
	atHome(t, s, "ada@example.com")
	for name, says := range map[string]bool{"by a program": false, "by a browser": true} {
		t.Run(name, func(t *testing.T) {
			b := NewBrowser(t)
			b.Says = says
			b.Open(s.Begin("notes"))
			b.signIn("ada@example.com")
			isAt(t, b, "/consent")
			page, at := b.Page, b.URL
			b.Submit("main form", map[string]string{"action": "allow"})
			s.Redeem(t, "notes", b)
			b.Page, b.URL = page, at
			b.Submit("main form", map[string]string{"action": "allow"})
			if b.URL.Query().Get("code") != "" {
				t.Errorf("got a second code")
			}
			b.Open(s.URLs.Hydra + "/oauth2/sessions/logout")
			isAt(t, b, "/logout")
			page, at = b.Page, b.URL
			b.Submit("main form", map[string]string{"action": "no"})
			b.Page, b.URL = page, at
			b.Submit("main form", map[string]string{"action": "yes"})
			if got := b.Code(s.URLs.Kratos + "/sessions/whoami"); b.Status < 400 || got != http.StatusOK {
				t.Errorf("a sign-out that was refused: got %d, and %d of whoami", b.Status, got)
			}
		})
	}
}
