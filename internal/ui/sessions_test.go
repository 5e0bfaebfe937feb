package ui

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/identity"
)

func TestSessionsAreListed(t *testing.T) {
	page := newBrowser(t, newUI(t, engines())).get(sessionsPath).shows(http.StatusOK)
	var titles []string
	for _, n := range page.All(".row-title") {
		titles = append(titles, htmltest.Text(n))
	}
	want := []string{"Firefox on Linux This device Two steps", "Safari on iPhone"}
	if diff := cmp.Diff(want, titles); diff != "" {
		t.Error(diff)
	}
	var facts []string
	for _, n := range page.All(".facts > div") {
		if text := htmltest.Text(n); !strings.HasPrefix(text, "Ends") && !strings.Contains(text, "UTC") {
			facts = append(facts, text)
		}
	}
	want = []string{"Address192.0.2.7", "Signed in withPassword · Authenticator app", "Address2001:db8::7", "Signed in withGitHub"}
	if diff := cmp.Diff(want, facts); diff != "" {
		t.Error(diff)
	}
	if buttons := page.All(`form[action="/account/sessions/revoke"]`); len(buttons) != 1 {
		t.Errorf("got %d forms for one session, want one: this device is signed out elsewhere", len(buttons))
	}
}

func TestASessionSaysWhenItWasExtended(t *testing.T) {
	u := newUI(t, engines())
	for name, tt := range map[string]struct {
		change              func(*identity.Session)
		confirmed, extended bool
	}{
		"a sign-in":          {func(*identity.Session) {}, false, false},
		"one more password":  {func(s *identity.Session) { s.IssuedAt = s.IssuedAt.Add(-time.Hour) }, true, false},
		"an extension":       {func(s *identity.Session) { s.ExpiresAt = s.ExpiresAt.Add(30 * time.Minute) }, false, true},
		"a longer lifespan":  {func(s *identity.Session) { s.ExpiresAt = s.ExpiresAt.Add(900 * time.Hour) }, false, false},
		"a shorter lifespan": {func(s *identity.Session) { s.ExpiresAt = s.ExpiresAt.Add(-9 * time.Hour) }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := annaHere()
			tt.change(&s)
			row := u.sessionRow(englishWords(t), &s, true)
			if got := row.Confirmed != nil; got != tt.confirmed {
				t.Errorf("confirmed: got %v, want %v", got, tt.confirmed)
			}
			if got := row.Extended != nil; got != tt.extended {
				t.Errorf("extended: got %v, want %v", got, tt.extended)
			}
		})
	}
}

func TestEndingSessions(t *testing.T) {
	f := engines()
	var ended []string
	f.revoke = func(cookie, id string) error { ended = append(ended, cookie[:9]+" "+id); return nil }
	f.endOthers = func(cookie string) error { ended = append(ended, cookie[:9]+" others"); return nil }
	b := newBrowser(t, newUI(t, f))
	b.jar["a"] = "session"
	one := b.get(sessionsPath).shows(http.StatusOK).Form(`form[action$="/revoke"]`)
	b.post(one.Action, one.Fields).goesTo(uiURL + sessionsPath + "?done=one")
	all := b.get(sessionsPath + "?done=one").shows(http.StatusOK).Form(`form[action$="/revoke-others"]`)
	b.post(all.Action, all.Fields).goesTo(uiURL + sessionsPath + "?done=others")
	for i, got := range ended {
		ended[i] = strings.TrimSpace(strings.Split(got, " ")[len(strings.Split(got, " "))-1])
	}
	if diff := cmp.Diff([]string{phoneID, "others"}, ended); diff != "" {
		t.Error(diff)
	}
	for _, id := range []string{hereID, "whoami", "../identities", "", strings.ToUpper(phoneID), phoneID + "x"} {
		one.Fields.Set("session", id)
		b.post(one.Action, one.Fields).shows(http.StatusBadRequest)
	}
	if len(ended) != 2 {
		t.Errorf("got %v, want nothing more", ended)
	}
	one.Fields.Set("session", phoneID)
	f.revoke = func(string, string) error { return &identity.Error{Code: identity.Unavailable} }
	b.post(one.Action, one.Fields).shows(http.StatusServiceUnavailable)
}

func TestManySessionsHavePages(t *testing.T) {
	f := engines()
	f.sessions = func(_ string, page, size int) ([]identity.Session, int, error) {
		if page > 3 {
			return nil, 2*perPage + 5, nil
		}
		return []identity.Session{annaOnThePhone()}, 2*perPage + 5, nil
	}
	for target, want := range map[string][]string{
		"":             {sessionsPath + "?page=2"},
		"?page=2":      {sessionsPath, sessionsPath + "?page=3"},
		"?page=3":      {sessionsPath + "?page=2"},
		"?page=-1":     {sessionsPath + "?page=2"},
		"?page=1e9":    {sessionsPath + "?page=2"},
		"?page=999999": {sessionsPath + "?page=2"},
		"?page=4":      {sessionsPath + "?page=3"},
	} {
		page := newBrowser(t, newUI(t, f)).get(sessionsPath + target).shows(http.StatusOK)
		var got []string
		for _, n := range page.All("nav.actions a") {
			href, _ := htmltest.Attr(n, "href")
			got = append(got, href)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", target, diff)
		}
	}
}

func TestDevices(t *testing.T) {
	for name, tt := range map[string]struct{ agent, address, title, icon, shown string }{
		"Chrome on Windows": {
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
			"10.0.0.1:1", "Chrome on Windows", "laptop", "10.0.0.1",
		},
		"Edge": {
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
			"[2001:db8::1]:443", "Edge on Windows", "laptop", "2001:db8::1",
		},
		"Safari on a Mac": {
			"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
			"::ffff:10.0.0.1", "Safari on macOS", "laptop", "10.0.0.1",
		},
		"Chrome on Android": {
			"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
			"fe80::1%eth0", "Chrome on K", "phone", "fe80::1",
		},
		"nothing":                   {"", "", "Unknown browser", "device", ""},
		"an address that is a text": {"curl/8.5.0", hostile, "curl", "device", ""},
		"markup":                    {`<script>alert(1)</script>/1.0`, "1.2.3.4", "", "", "1.2.3.4"},
		"without an end":            {strings.Repeat("A", 1<<20), "1.2.3.4", "", "", "1.2.3.4"},
		"only signs":                {"((((((((((////;;;;\u202e\x00", "1.2.3.4", "", "", "1.2.3.4"},
	} {
		t.Run(name, func(t *testing.T) {
			d := deviceOf(&identity.Session{Devices: []identity.Device{{UserAgent: tt.agent, IPAddress: tt.address}}})
			title := d.title(englishWords(t))
			if tt.title != "" && (title != tt.title || d.Icon != tt.icon) {
				t.Errorf("got %q %s, want %q %s", title, d.Icon, tt.title, tt.icon)
			}
			if len(title) > 400 || strings.ContainsRune(title, '\u202e') {
				t.Errorf("got the title %q", title)
			}
			if d.Address != tt.shown {
				t.Errorf("address: got %q, want %q", d.Address, tt.shown)
			}
		})
	}
	if got := deviceOf(&identity.Session{}).title(englishWords(t)); got != "Unknown browser" {
		t.Errorf("no device: got %q", got)
	}
}

func TestApplications(t *testing.T) {
	f := engines()
	var revoked []string
	f.revokeGrants = func(person, client string) error { revoked = append(revoked, person+" "+client); return nil }
	b := newBrowser(t, newUI(t, f))
	page := b.get(applicationsPath).shows(http.StatusOK)
	text := strings.Join(strings.Fields(page.Text("main")), " ")
	for _, want := range []string{
		"Notes", "Know who you are", "Keep access while you are away", "Has access, also while you are away.",
		"own Part of Example", "Has no access now.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("got %q, want %q in it", text, want)
		}
	}
	page.One(`a[href="https://notes.example/"]`)
	form := page.Form(`section:has(#application-0) form`)
	b.post(form.Action, form.Fields).goesTo(uiURL + applicationsPath + "?done=one")
	if diff := cmp.Diff([]string{"anna-id notes"}, revoked); diff != "" {
		t.Error(diff)
	}
	for _, client := range []string{"", strings.Repeat("x", 256)} {
		form.Fields.Set("client", client)
		b.post(form.Action, form.Fields).shows(http.StatusBadRequest)
	}
	f.grants = func(string) ([]identity.Grant, error) { return nil, nil }
	b.get(applicationsPath).shows(http.StatusOK).One(".empty")
}

func TestManyApplicationsHavePages(t *testing.T) {
	f := engines()
	f.grants = func(string) (all []identity.Grant, err error) {
		for i := range 2*perPage + 1 {
			all = append(all, identity.Grant{Client: identity.Client{ID: "app-" + strconv.Itoa(i)}})
		}
		return all, nil
	}
	for target, want := range map[string]int{"": perPage, "?page=2": perPage, "?page=3": 1, "?page=4": 0} {
		page := newBrowser(t, newUI(t, f)).get(applicationsPath + target).shows(http.StatusOK)
		if got := len(page.All(`form[action$="/revoke"]`)); got != want {
			t.Errorf("%q: got %d applications, want %d", target, got, want)
		}
	}
}

func TestGrantState(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range []identity.Grant{
		{Refresh: true, Access: true}, {Access: true}, {Remembered: true}, {},
	} {
		seen[grantState(englishWords(t), g)] = true
	}
	if len(seen) != 4 {
		t.Errorf("got %d sentences for four states", len(seen))
	}
}

func TestReturnAddressesOfTheAccountPagesAreOurs(t *testing.T) {
	u := newUI(t, engines())
	to, err := url.Parse(u.proveAgain(deletePath))
	if err != nil {
		t.Fatal(err)
	}
	params, err := u.passOn(identity.Login, to.Query())
	if err != nil || params.Get("return_to") != uiURL+deletePath || params.Get("refresh") != "true" {
		t.Errorf("got %v, %v", params, err)
	}
}
