package ui

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

func TestBackupCodesAreAFileWithoutAScript(t *testing.T) {
	f := recorded(t)["settings-codes-shown"]
	engines := engines()
	engines.flow = func(identity.FlowKind, string, string) (*identity.Flow, error) { return f, nil }
	b := newBrowser(t, newUI(t, engines))
	form := b.get("/settings?flow=x").shows(http.StatusOK).Form(`form[action="/account/recovery-codes.txt"]`)
	a := b.post(form.Action, form.Fields)
	lines := strings.Split(strings.TrimSpace(a.body), "\r\n")
	if diff := cmp.Diff(append([]string{"Example", "Recovery codes", ""}, form.Fields["code"]...), lines); diff != "" {
		t.Error(diff)
	}
	if got, want := a.header.Get("Content-Disposition"), `attachment; filename="recovery-codes.txt"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("got Cache-Control %q, want no-store", got)
	}
	// Nobody else can have us make a file.
	b.post(form.Action, url.Values{"code": {"abcdefgh"}}).shows(http.StatusForbidden)
	for name, list := range map[string][]string{"none": nil, "a script": {"<script>"}, "too many": make([]string, maxCodes+1), "long": {strings.Repeat("a", maxCodeLength+1)}} {
		t.Run(name, func(t *testing.T) {
			b.post(form.Action, url.Values{"csrf_token": form.Fields["csrf_token"], "code": list}).shows(http.StatusBadRequest)
		})
	}
}

func TestKratosScriptIsServedHere(t *testing.T) {
	f := recorded(t)["login"]
	page := show(t, "login", f, nil)
	address := page.Attr(`script[integrity^="sha512-"]`, "src")
	if !strings.HasPrefix(address, webAuthnPath+"?v=") {
		t.Fatalf("got %q", address)
	}
	a := newBrowser(t, newUI(t, engines())).get(address)
	if got, want := a.header.Get("Content-Type"), "text/javascript; charset=utf-8"; a.status != 200 || got != want {
		t.Errorf("got %d of type %q, want 200 and %q", a.status, got, want)
	}
	for name, node := range map[string]identity.Node{
		"elsewhere":    {Type: "script", Attributes: identity.Attributes{Source: "https://evil.example/x.js", Integrity: "sha512-x"}},
		"unprotected":  {Type: "script", Attributes: identity.Attributes{Source: kratosURL + webAuthnPath}},
		"no address":   {Type: "script", Attributes: identity.Attributes{Source: "%", Integrity: "sha512-x"}},
		"a foreign fn": input("x", "y", "button", "z"),
	} {
		if s, known := newScript(node); known {
			t.Errorf("%s: got %+v", name, s)
		}
	}
	for name, want := range map[string]string{
		"oryPasskeyLogin": "oryPasskeyLogin", "oryWebAuthnLogin": "oryWebAuthnLogin", "alert": "", "oryPasskeyLogin()": "",
		"oryPasskeyLogin;alert(1)": "", "": "", "constructor": "",
	} {
		if got := trigger(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
