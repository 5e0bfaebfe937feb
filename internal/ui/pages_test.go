package ui

import (
	"io/fs"
	"maps"
	"net/http"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jba/templatecheck"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

func checked[T spoken](p page[T]) error {
	var data T
	tmpl, err := p.in("en")
	if err != nil {
		return err
	}
	return templatecheck.CheckHTML(tmpl, data)
}

func TestTemplatesUseOnlyWhatTheirPagesHave(t *testing.T) {
	texts, err := locale.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := newPages(texts)
	results := map[string]error{
		"Account": checked(p.Account), "Applications": checked(p.Applications), "Data": checked(p.Data),
		"Activity": checked(p.Activity),
		"Deleted":  checked(p.Deleted), "Deletion": checked(p.Deletion), "Security": checked(p.Security), "Sessions": checked(p.Sessions),
		"Choose": checked(p.Choose), "Confirm": checked(p.Confirm), "Enroll": checked(p.Enroll), "Consent": checked(p.Consent), "Cookies": checked(p.Cookies), "Error": checked(p.Error),
		"Flow": checked(p.Flow), "Help": checked(p.Help), "Home": checked(p.Home), "Inbox": checked(p.Inbox), "Invitation": checked(p.Invitation),
		"Logout": checked(p.Logout), "Mail": checked(p.Mail), "Previews": checked(p.Previews), "Settings": checked(p.Settings),
		"SignedOut": checked(p.SignedOut),
		"FormPost":  checked(p.FormPost), "Leaving": checked(p.Leaving), "SignOut": checked(p.SignOut), "Stayed": checked(p.Stayed), "TooMany": checked(p.TooMany),
	}
	for name, err := range results {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var files []string
	entries, err := fs.ReadDir(templateFiles, "templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			files = append(files, strings.TrimSuffix(entry.Name(), ".html"))
		}
	}
	var fields []string
	for field := range reflect.TypeFor[pages]().Fields() {
		fields = append(fields, strings.ToLower(field.Name))
		if _, ok := results[field.Name]; !ok {
			t.Errorf("page %s is not checked here", field.Name)
		}
	}
	if diff := cmp.Diff(files, fields); diff != "" {
		t.Errorf("files and pages differ:\n%s", diff)
	}
}

// samples has one address per GET route of the table, and more for pages with two faces.
func samples() map[string][]string {
	all := map[string][]string{
		"/{$}":                {"/"},
		"/login":              {"/login?flow=x", "/login?restart=1"},
		"/login/help":         {"/login/help"},
		"/registration":       {"/registration?flow=x"},
		"/recovery":           {"/recovery?flow=x", "/recovery?flow=x&code=123456"},
		"/verification":       {"/verification?flow=x", "/verification?flow=x&code=123456"},
		"/settings":           {"/settings?flow=x"},
		"/account/inbox":      {"/account/inbox"},
		"/account/inbox/{id}": {"/account/inbox/m1", "/account/inbox/gone"},
		"/consent":            {"/consent?consent_challenge=c"},
		"/logout":             {"/logout?logout_challenge=c"},
		"/account/language":   {"/account/language"},
		continuePath:          {continuePath},
		EnrollPath:            {}, // TestEnroll has it
		ConfirmPath:           {ConfirmPath + "?kind=recovery&flow=x&token=t", ConfirmPath + "?kind=verification&flow=x&token=t", ConfirmPath},
		InvitationPath:        {InvitationPath, InvitationPath + "?token=none"},
		withoutPath:           {}, // TestInvitation has it
		"/account/signed-out": {"/account/signed-out", "/account/signed-out?everywhere=1"},
		"/account/logout":     {"/account/logout"},
		"/account/stayed":     {"/account/stayed"},
		leavingPath:           {leavingPath, leavingPath + "?t=x"},
		"/error":              {"/error?id=e", "/error?error=invalid_client", "/error"},
		"":                    {"/nowhere"},
	}
	maps.Copy(all, accountSamples())
	all[previewsPath] = []string{previewsPath}
	all[previewsPath+"/{kind}/{lang}"] = []string{previewsPath + "/new_one/en", previewsPath + "/none/en", previewsPath + "/new_one/de"}
	return all
}

func everyPage(t *testing.T, u *UI, check func(t *testing.T, target string, a answer)) {
	t.Helper()
	all := samples()
	for _, at := range u.table() {
		// The HTML of a mail is not a page of ours: TestTheHTMLOfAMailMayDoNothing has it.
		if at.method == http.MethodGet && at.path != "/account" && !strings.HasSuffix(at.path, "/html") && all[at.path] == nil {
			t.Errorf("no sample for GET %s", at.path)
		}
	}
	for _, targets := range all {
		for _, target := range targets {
			t.Run(target, func(t *testing.T) { check(t, target, visitor(t, u, target).get(target)) })
		}
	}
}

// visitor returns a browser that gets a page at the address: the start page leads on whoever is signed
// in.
func visitor(t testing.TB, u *UI, target string) *browser {
	b := newBrowser(t, u)
	if target == "/" {
		b.jar[nobody] = "1"
	}
	return b
}

func TestEveryPageSendsItsSecurityHeaders(t *testing.T) {
	cfg := config(engines())
	cfg.URLs.UI = "https://id.test"
	withChallenge := append([]string{"/consent?consent_challenge=c", "/logout?logout_challenge=c"}, samples()[ConfirmPath][:2]...)
	everyPage(t, newUIWith(t, cfg), func(t *testing.T, target string, a answer) {
		csp := "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; " +
			"frame-ancestors 'none'; base-uri 'none'"
		if !slices.Contains(withChallenge, target) {
			csp += "; form-action 'self' " + kratosURL
		}
		if target == "/account/inbox/m1" || target == previewsPath+"/new_one/en" {
			csp += "; frame-src 'self'"
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": csp, "X-Frame-Options": "DENY", "Cache-Control": "no-store",
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security":  "max-age=31536000",
			"Content-Type":               "text/html; charset=utf-8",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
	})
}

func TestFormActionIsLeftOutWhereARedirectMayLeave(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*identity.Flow)
		want   bool
	}{
		"a plain flow stays here":    {func(*identity.Flow) {}, true},
		"a challenge leads away":     {func(f *identity.Flow) { f.LoginChallenge = "c" }, false},
		"so does its login request":  {func(f *identity.Flow) { f.LoginRequest = &identity.LoginRequest{Challenge: "c"} }, false},
		"a foreign return address":   {func(f *identity.Flow) { f.ReturnTo = "https://app.example" }, false},
		"a return address of ours":   {func(f *identity.Flow) { f.ReturnTo = uiURL + "/x" }, true},
		"a social provider is away":  {func(f *identity.Flow) { f.UI.Nodes = append(f.UI.Nodes, input("oidc", "provider", "submit", "x")) }, false},
		"a return address half ours": {func(f *identity.Flow) { f.ReturnTo = "http://id.test:3000.evil.example/" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			f.flow = func(kind identity.FlowKind, _, _ string) (*identity.Flow, error) {
				flow := passwordFlow(kind)
				tt.change(flow)
				return flow, nil
			}
			csp := newBrowser(t, newUI(t, f)).get("/login?flow=x").header.Get("Content-Security-Policy")
			if got := strings.Contains(csp, "form-action"); got != tt.want {
				t.Errorf("form-action: got %v, want %v in %q", got, tt.want, csp)
			}
		})
	}
}

func TestEveryPageIsWhole(t *testing.T) {
	u := newUI(t, engines())
	everyPage(t, u, func(t *testing.T, target string, a answer) {
		page := a.page()
		if got := page.Attr("html", "lang"); got != "en" {
			t.Errorf("lang: got %q, want en", got)
		}
		page.One("main h1")
		page.One(`meta[name=viewport]`)
		page.Missing("[style], style, script:not([src]), [onclick], [onload], [src^=http], link[href^=http]")
		references(t, u, page)
		for _, n := range page.All("input:not([type=hidden])") {
			id, _ := htmltest.Attr(n, "id")
			page.One(`label[for="` + id + `"]`)
		}
		if head := visitor(t, u, target).do("HEAD", target, nil); head.status != a.status {
			t.Errorf("HEAD: got %d, want %d as GET", head.status, a.status)
		}
		if len(a.body) > 20<<10 {
			t.Errorf("the page weighs %d bytes, want less than 20 KiB", len(a.body))
		}
	})
}

func references(t *testing.T, u *UI, page *htmltest.Page) {
	t.Helper()
	links := page.All("link[href]")
	if len(links) < 2 {
		t.Errorf("got %d links to assets, want a stylesheet and an icon", len(links))
	}
	for _, n := range links {
		href, _ := htmltest.Attr(n, "href")
		if a := newBrowser(t, u).get(href); a.status != http.StatusOK {
			t.Errorf("asset %s: got status %d, want 200", href, a.status)
		}
	}
}

func TestAssetsMayBeKeptForGood(t *testing.T) {
	u := newUI(t, engines())
	for name, kind := range map[string]string{
		"app.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		address := u.assets.path(name)
		ext := path.Ext(name)
		pattern := "^/assets/" + strings.TrimSuffix(name, ext) + `\.[0-9a-f]{16}\` + ext + "$"
		if !regexp.MustCompile(pattern).MatchString(address) {
			t.Errorf("address %q does not match %s", address, pattern)
		}
		a := newBrowser(t, u).get(address)
		got := []string{a.header.Get("Content-Type"), a.header.Get("Cache-Control")}
		if diff := cmp.Diff([]string{kind, "public, max-age=31536000, immutable"}, got); diff != "" {
			t.Error(diff)
		}
	}
	for target, want := range map[string]string{
		"/favicon.ico": "<svg", "/robots.txt": "User-agent: *\nDisallow: /\n",
	} {
		if a := newBrowser(t, u).get(target); a.status != 200 || !strings.HasPrefix(a.body, want) {
			t.Errorf("%s: got %d %q", target, a.status, a.body)
		}
	}
}

func TestTheStartPage(t *testing.T) {
	f := engines()
	newBrowser(t, newUI(t, f)).get("/").goesTo(uiURL + "/account/")
	f.whoami = func(string) (*identity.Session, error) {
		return nil, &identity.Error{Code: identity.AALRequired}
	}
	newBrowser(t, newUI(t, f)).get("/").goesTo(uiURL + "/account/")
	f.whoami = signedOut
	page := newBrowser(t, newUI(t, f)).get("/").shows(http.StatusOK)
	page.One(`a[href="/login"]`)
	page.One(`a[href="/registration"]`)
	page.One(`a[href="/account/inbox"]`)
	page.Missing(`form, a[href="/settings"]`)
	closed := config(f)
	closed.Registration, closed.Inbox = false, nil
	page = newBrowser(t, newUIWith(t, closed)).get("/").shows(http.StatusOK)
	page.One(`a[href="/login"]`)
	page.Missing(`a[href="/registration"], a[href="/account/inbox"]`)
}
