package stacktest

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
)

const protectedRules = `
- {host: app.example.test, paths: [/public], public: true}
- {host: app.example.test, paths: [/admin], groups: [admins]}
- {host: app.example.test}
- {host: open.example.test, public: true}
`

// behindProxies are the words of a stack whose pages are at id.example.test, for applications of that domain.
func behindProxies(t *testing.T) []Option {
	t.Helper()
	return []Option{
		Set("origin", "http://id.example.test"), Set("listen.gateway", "127.0.0.1:0"), Set("urls.cookie_domain", "example.test"),
		Set("proxy.trusted", "127.0.0.1"), withFiles(t, map[string]string{"protect": protectedRules}),
	}
}

// echo is an application that answers with the headers that it was sent.
func echo(t *testing.T) string {
	t.Helper()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"path": r.URL.RequestURI(), "headers": r.Header}) // the test sees it
	}))
	t.Cleanup(app.Close)
	return strings.TrimPrefix(app.URL, "http://")
}

// seenByApp is what such an application says.
type seenByApp struct {
	Path    string      `json:"path"`
	Headers http.Header `json:"headers"`
}

// replied is an answer whose body was read.
type replied struct {
	StatusCode int
	Header     http.Header
}

// ask sends a request by the browser's cookies, follows nothing, and returns the answer.
func (b *Browser) ask(method, address string, lines ...string) (replied, string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, address, http.NoBody)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
	}
	once := *b.client
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := once.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return replied{res.StatusCode, res.Header}, string(raw)
}

// spelled sends what no client of Go's would, and returns the whole answer.
func spelled(t *testing.T, at, request string) string {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestApplicationsBehindProxies: people sign in at one replica on PostgreSQL, and are given groups and disabled there;
// the proxies ask the other.
func TestApplicationsBehindProxies(t *testing.T) {
	both := append(onPostgres(t, pgtest.Shared(t)), behindProxies(t)...)
	asked := StartChanging(t, both...) // first: both share a folder, whose door is the first one's
	s := Start(t, both...)
	for name, proxy := range frontProxies() {
		t.Run(name, func(t *testing.T) {
			at := proxy.serve(t, asked.Address("gateway"), echo(t))
			throughProxy(t, s, asked, name, at)
		})
	}
	t.Run("each request costs one statement", func(t *testing.T) {
		most := 0
		for line := range strings.Lines(asked.Log.String()) {
			var l struct {
				Path       string `json:"path"`
				Status     int    `json:"status"`
				Statements int    `json:"sql_statements"`
			}
			if json.Unmarshal([]byte(line), &l) == nil && l.Path == "/forward-auth" && l.Status == http.StatusOK {
				most = max(most, l.Statements)
			}
		}
		if most != 1 {
			t.Errorf("got %d statements at most, want 1", most)
		}
	})
}

// TestTheSessionAloneReachesApplications: the other cookies, an invitation among them, stay on the host of the pages.
func TestTheSessionAloneReachesApplications(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t, behindProxies(t)...)
	ada(t, s)
	var invited struct {
		Link string `json:"link"`
	}
	call(t, http.MethodPost, s.URLs.KratosAdmin+"/admin/identityd/invitations", "application/json", `{"address":"invited@example.com"}`, nil, &invited)
	b, wide := NewBrowser(t), map[string]bool{}
	b.behind(map[string]string{"id.example.test": s.Address("gateway")})
	b.Watch(func(res *http.Response) {
		for _, c := range res.Cookies() {
			if c.Domain != "" && c.MaxAge >= 0 {
				wide[c.Name] = true
			}
		}
	})
	b.Open(invited.Link)
	var made map[string]any
	call(t, http.MethodPost, s.URLs.HydraAdmin+"/admin/clients", "application/json",
		`{"client_id":"app","scope":"openid","redirect_uris":["https://`+AppHost+`/callback"],"metadata":{}}`, nil, &made)
	b.Open(s.URLs.Hydra + "/oauth2/auth?client_id=app&response_type=code&scope=openid&state=state-state&redirect_uri=https://" + AppHost + "/callback")
	b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	b.Submit("form", map[string]string{"action": "allow"})
	if b.URL.Query().Get("code") == "" {
		t.Fatalf("got no code at %s", b.URL)
	}
	if diff := cmp.Diff(map[string]bool{"ory_kratos_session": true}, wide); diff != "" {
		t.Errorf("cookies that reach every host of the domain (-want +got):\n%s", diff)
	}
}

// spoofed is what somebody sends who would like to be an administrator.
func spoofed() []string {
	return []string{
		"Remote-User: admin", "Remote-Groups: admins", "Remote-Email: admin@example.com", "Remote-Name: Admin", "X-Forwarded-Method: GET",
		"Remote_User: admin", "Remote_Groups: admins", "Remote_Email: admin@example.com", "Remote_Name: Admin",
	}
}

func throughProxy(t *testing.T, s *Stack, asked *Changing, name, at string) {
	const app, page = "http://app.example.test", "Accept: text/html"
	email := name + "@example.com"
	id := member(t, s, email)
	groups := func(list string) {
		var out map[string]any
		call(t, http.MethodPatch, s.URLs.KratosAdmin+"/admin/identities/"+id, "application/json",
			`[{"op":"add","path":"/metadata_public","value":{"groups":`+list+`}}]`, nil, &out)
	}
	groups(`["staff"]`)
	newBrowser := func() *Browser {
		b := NewBrowser(t)
		b.behind(map[string]string{"id.example.test": s.Address("gateway"), "app.example.test": at})
		return b
	}
	app200 := func(b *Browser, path string, lines ...string) seenByApp {
		t.Helper()
		res, body := b.ask(http.MethodGet, app+path, lines...)
		var out seenByApp
		if err := json.Unmarshal([]byte(body), &out); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: got %d %s, want the application", path, res.StatusCode, body)
		}
		return out
	}
	status := func(b *Browser, method, path string, lines ...string) int {
		t.Helper()
		res, _ := b.ask(method, app+path, lines...)
		return res.StatusCode
	}
	b := newBrowser()
	t.Run("nobody is sent to sign in, and comes back", func(t *testing.T) {
		b.Open(app + "/inner?x=1&y=%2e")
		if b.URL.Host != "id.example.test" || b.Page == nil {
			t.Fatalf("got %s, want the page where people sign in", b.URL)
		}
		b.Submit("form", map[string]string{"identifier": email, "password": password, "method": "password"})
		if got := b.URL.String(); got != app+"/inner?x=1&y=%2e" || b.Status != http.StatusOK {
			t.Fatalf("got %d at %s, want to be back", b.Status, got)
		}
	})
	t.Run("the application is told who it is, and nothing else", func(t *testing.T) {
		seen := app200(b, "/inner?x=1", append(spoofed(), "Cookie: own=1")...)
		got := map[string]string{}
		for _, name := range []string{"Remote-User", "Remote-Email", "Remote-Groups", "Remote-Name"} {
			got[name] = strings.Join(seen.Headers.Values(name), " and ")
		}
		for name := range seen.Headers { // which some servers take for the same names
			if strings.Contains(name, "_") {
				t.Errorf("the application got %s, which the browser made up", name)
			}
		}
		want := map[string]string{"Remote-User": id, "Remote-Email": email, "Remote-Groups": "staff", "Remote-Name": ""}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if cookies := strings.Join(seen.Headers.Values("Cookie"), "; "); strings.Contains(cookies, "session") || !strings.Contains(cookies, "own=1") {
			t.Errorf("got cookies %q, want those of others without the session", cookies)
		}
	})
	t.Run("not the session either, where another host made up some beside it", func(t *testing.T) {
		at, err := url.Parse(app)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range b.client.Jar.Cookies(at) {
			line := "Cookie: " + c.Name + "=" + c.Value + "; ory_kratos_session=x; ory_kratos_session=y"
			if c.Name != "ory_kratos_session" {
				continue
			}
			if got := app200(newBrowser(), "/inner", line).Headers.Values("Cookie"); strings.Contains(strings.Join(got, "; "), c.Value) {
				t.Errorf("got the session's cookie in %q", got)
			}
			return
		}
		t.Error("there is no session's cookie")
	})
	t.Run("nobody's program is told", func(t *testing.T) {
		for _, lines := range [][]string{{"Accept: application/json"}, {page, "Sec-Fetch-Mode: cors"}} {
			res, _ := newBrowser().ask(http.MethodGet, app+"/inner", lines...)
			if res.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(res.Header.Get("WWW-Authenticate"), "Session ") {
				t.Errorf("got %d and %q", res.StatusCode, res.Header.Get("WWW-Authenticate"))
			}
		}
		if got := status(newBrowser(), http.MethodPost, "/inner", page); got != http.StatusUnauthorized {
			t.Errorf("a form: got %d, want 401", got)
		}
	})
	t.Run("nobody makes anything up", func(t *testing.T) {
		for _, lines := range [][]string{
			spoofed(),
			{"X-Original-URL: http://app.example.test/public"},
			{"X-Forwarded-Uri: /public"},
			{"X-Forwarded-Host: other.example.test"},
			{"X-Original-URL: http://app.example.test/public", "X-Forwarded-Uri: /public", "X-Forwarded-Host: app.example.test"},
		} {
			for _, path := range []string{"/inner", "/admin", "/public/..%2fadmin", "/public/%2e%2e/admin", "//admin", "/public/..;/admin"} {
				if got := status(newBrowser(), http.MethodGet, path, lines...); got < 400 || got >= 500 {
					t.Errorf("%s with %v: got %d", path, lines, got)
				}
				if got := status(b, http.MethodGet, strings.Replace(path, "/inner", "/admin", 1), lines...); got < 400 || got >= 500 {
					t.Errorf("%s by who is no administrator with %v: got %d", path, lines, got)
				}
			}
		}
	})
	t.Run("nobody has the rules of another host judge", func(t *testing.T) {
		for _, first := range []string{"GET http://app.example.test/inner HTTP/1.1", "GET /inner HTTP/1.1"} {
			if got := spelled(t, at, first+"\r\nHost: open.example.test\r\nAccept: application/json\r\nConnection: close\r\n\r\n"); strings.Contains(got, `"headers"`) {
				t.Errorf("%s for open.example.test reached the application:\n%s", first, got)
			}
		}
	})
	t.Run("everybody sees what is public, as nobody", func(t *testing.T) {
		if got := app200(newBrowser(), "/public/x", spoofed()...).Headers.Get("Remote-User"); got != "" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("who is in no group that may is shown a page", func(t *testing.T) {
		b.Open(app + "/admin")
		if b.Status != http.StatusForbidden || b.URL.String() != app+"/admin" {
			t.Fatalf("got %d at %s", b.Status, b.URL)
		}
		b.Page.One(`a[href="http://id.example.test/login?return_to=http%3A%2F%2Fapp.example.test%2Fadmin"]`)
		groups(`["staff","admins"]`)
		if got := app200(b, "/admin").Headers.Get("Remote-Groups"); got != "staff,admins" {
			t.Errorf("got %q, want the groups of now", got)
		}
		groups(`["staff"]`)
		if got := status(b, http.MethodGet, "/admin"); got != http.StatusForbidden {
			t.Errorf("got %d after a demotion", got)
		}
	})
	t.Run("rules that change count from the next request on", func(t *testing.T) {
		others := "- {host: app.example.test, groups: [nobody]}\n"
		asked.MustChange(t, withFiles(t, map[string]string{"protect": others}))
		if got := status(b, http.MethodGet, "/inner"); got != http.StatusForbidden {
			t.Errorf("got %d by a rule that nobody fits", got)
		}
		if got := status(newBrowser(), http.MethodGet, "/public/x"); got != http.StatusUnauthorized {
			t.Errorf("got %d for what was public", got)
		}
		asked.MustChange(t, withFiles(t, map[string]string{"protect": protectedRules}))
		app200(b, "/inner")
		app200(newBrowser(), "/public/x")
	})
	t.Run("who is disabled is not let in again", func(t *testing.T) {
		other := newBrowser()
		other.Open(app + "/inner")
		other.Submit("form", map[string]string{"identifier": email, "password": password, "method": "password"})
		app200(other, "/inner")
		var out map[string]any
		call(t, http.MethodPatch, s.URLs.KratosAdmin+"/admin/identities/"+id, "application/json", `[{"op":"replace","path":"/state","value":"inactive"}]`, nil, &out)
		for _, each := range []*Browser{b, other} {
			if got := status(each, http.MethodGet, "/inner"); got != http.StatusUnauthorized {
				t.Errorf("got %d, want 401", got)
			}
			each.Open(app + "/inner")
			if each.URL.Host != "id.example.test" || each.URL.Path != "/login" {
				t.Errorf("a page got %d at %s, want the sign-in", each.Status, each.URL.Redacted())
			}
		}
	})
}
