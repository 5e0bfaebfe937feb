package ui

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/golden"
	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/identity"
)

var update = golden.Flag()

// recorded are flows as Kratos sent them, with most of its methods switched on.
func recorded(t testing.TB) map[string]*identity.Flow {
	t.Helper()
	files, err := filepath.Glob("testdata/flows/*.json")
	if err != nil || len(files) < 20 {
		t.Fatalf("got %d recorded flows (%v), want 20 at least", len(files), err)
	}
	out := map[string]*identity.Flow{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var f identity.Flow
		if err := json.Unmarshal(raw, &f); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out[strings.TrimSuffix(filepath.Base(file), ".json")] = &f
	}
	return out
}

// show returns the page of a recorded flow.
func show(t testing.TB, name string, f *identity.Flow, change func(*fake)) *htmltest.Page {
	t.Helper()
	kind, _, _ := strings.Cut(name, "-")
	engines := engines()
	engines.flow = func(identity.FlowKind, string, string) (*identity.Flow, error) { return f, nil }
	if !f.Refresh {
		engines.whoami = signedOut
	}
	if change != nil {
		change(engines)
	}
	b := newBrowser(t, newUI(t, engines))
	b.jar["some"] = "cookie"
	return b.get("/" + kind + "?flow=x").shows(http.StatusOK)
}

// outline is a page as its golden has it: a line per form, with what it sends and what can be pressed.
func outline(p *htmltest.Page) []string {
	var out []string
	for _, n := range p.All("h1, h2, main form, p.or, noscript") {
		switch n.Data {
		case "h1", "h2":
			out = append(out, n.Data+" "+htmltest.Text(n))
		case "p":
			out = append(out, "or")
		case "noscript":
			out = append(out, "noscript")
		case "form":
			out = append(out, formOutline(n))
		}
	}
	return out
}

func TestRecordedFlowsAreWholePages(t *testing.T) {
	got := map[string][]string{}
	for name, f := range recorded(t) {
		page := show(t, name, f, nil)
		got[name] = outline(page)
		for _, n := range f.UI.Nodes {
			attr := n.Attributes
			if n.Type == "input" && len(page.All(`[name="`+attr.Name+`"]`)) == 0 && !hiddenOnPurpose(name, attr.Name) {
				t.Errorf("%s: %s of Kratos' is not on the page", name, attr.Name)
			}
		}
		// Kratos' script takes the first of each name in the document.
		for _, once := range []string{
			"webauthn_login", "webauthn_login_trigger", "webauthn_register", "webauthn_register_trigger", "passkey_challenge",
			"passkey_login", "passkey_create_data", "passkey_register", "passkey_settings_register",
		} {
			if found := page.All(`[name="` + once + `"]`); len(found) > 1 {
				t.Errorf("%s: %s is there %d times", name, once, len(found))
			}
		}
		for trigger, result := range map[string]string{
			"oryPasskeyLogin": "passkey_login", "oryPasskeyRegistration": "passkey_register",
			"oryPasskeySettingsRegistration": "passkey_settings_register", "oryWebAuthnRegistration": "webauthn_register",
		} {
			if len(page.All(`[data-trigger="`+trigger+`"]`)) > 0 && len(page.All(`form:has([data-trigger="`+trigger+`"]) input[name="`+result+`"]`)) != 1 {
				t.Errorf("%s: the result of %s is in another form", name, trigger)
			}
		}
		for _, form := range page.All(`form[action^="` + kratosURL + `"]`) {
			id, _ := htmltest.Attr(form, "id")
			page.One("#" + id + ` input[name="csrf_token"]`)
		}
		page.Missing(`button[data-trigger]:not([hidden]):not(form[hidden] *)`)
	}
	golden.JSON(t, *update, "recorded.json", got)
}

// hiddenOnPurpose says which fields wait until something else was done.
func hiddenOnPurpose(flow, name string) bool {
	return slices.Contains([]string{"settings", "settings-codes-shown"}, flow) && name == "totp_code"
}

func TestSomebodyKnownIsNotAskedForTheirName(t *testing.T) {
	f := recorded(t)["login-refresh"]
	page := show(t, "login-refresh", f, nil)
	if got, want := page.Attr(`input[name="identifier"]`, "value"), "anna@example.com"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	form := page.Form(`form[action="/account/switch"]`)
	if got, want := form.Fields.Get("then"), uiURL+"/login"; got != want {
		t.Errorf("another account signs in at %q, want %q", got, want)
	}
}
