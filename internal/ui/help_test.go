package ui

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/identity"
)

func TestAPhoneThatIsLostIsNotTheEnd(t *testing.T) {
	f := recorded(t)["login-aal2"]
	f.ReturnTo = "https://app.example/"
	page := show(t, "login-aal2", f, nil)
	for _, other := range []string{"totp_code", "lookup_secret"} {
		page.One(`input[name="` + other + `"]`)
	}
	help := page.Attr(`a[href*="/login/help"]`, "href")

	engines := engines()
	engines.whoami = func(string) (*identity.Session, error) { return nil, &identity.Error{Code: identity.AALRequired} }
	var log bytes.Buffer
	cfg := config(engines)
	cfg.Log, cfg.Links.Support = slog.New(slog.NewTextHandler(&log, nil)), "https://help.example/"
	b := newBrowser(t, newUIWith(t, cfg))
	page = b.get(strings.TrimPrefix(help, uiURL)).shows(http.StatusOK)
	number := page.Text(".code")
	if !validCase(number) {
		t.Errorf("got case number %q", number)
	}
	if got := log.String(); !strings.Contains(got, "case="+number) || !strings.Contains(got, "request_id=req-42") {
		t.Errorf("got the log %q, want the case and the request in it", got)
	}
	if got, want := page.Attr(`main a[href="https://help.example/"]`, "href"), cfg.Links.Support; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := page.Attr("a.primary", "href"), uiURL+"/login?aal=aal2&return_to="+url.QueryEscape(f.ReturnTo); got != want {
		t.Errorf("the other ways are at %q, want %q", got, want)
	}
	// The number stays the same, and is logged once.
	if got := b.get(helpPath).shows(http.StatusOK).Text(".code"); got != number {
		t.Errorf("got %q the second time, want %q", got, number)
	}
	if got := strings.Count(log.String(), "case="); got != 1 {
		t.Errorf("logged %d times, want once", got)
	}
	engines.whoami = signedOut
	newBrowser(t, newUI(t, engines)).get(helpPath).goesTo(uiURL + "/login")
}

func TestSupportIsAPageOrAMailbox(t *testing.T) {
	for address, want := range map[string]string{
		"https://help.example/x": "https://help.example/x", "mailto:help@example.com": "mailto:help@example.com", "javascript:alert(1)": "", "": "",
	} {
		if got := supportLink(address); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}
