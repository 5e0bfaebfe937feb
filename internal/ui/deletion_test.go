package ui

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

// TestWhatCannotBeUndoneAsksForAFreshSignIn posts the forms as a stolen session would.
func TestWhatCannotBeUndoneAsksForAFreshSignIn(t *testing.T) {
	for _, page := range []string{dataPath, deletePath} {
		f := engines()
		u := newUI(t, f)
		confirm := uiURL + "/login?refresh=true&return_to=" + url.QueryEscape(uiURL+page)
		b := newBrowser(t, u)
		b.get(page).shows(http.StatusOK).One(`a.primary[href="` + confirm + `"]`)
		fresh := engines()
		justNow(fresh)
		ready := newBrowser(t, newUI(t, fresh))
		shown := ready.get(page).shows(http.StatusOK)
		shown.Missing(`a[href="` + confirm + `"]`)
		form := shown.Form(`form[action="` + page + `"]`)
		b.jar = ready.jar
		f.accountFake = &accountFake{} // whose functions must not be called
		form.Fields.Set("sure", "true")
		b.post(page, form.Fields).goesTo(confirm)
	}
}

func TestTheDownload(t *testing.T) {
	f := engines()
	justNow(f)
	b := newBrowser(t, newUI(t, f))
	form := b.get(dataPath).shows(http.StatusOK).Form(`form[action="/account/data"]`)
	got := b.post(form.Action, form.Fields)
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/json; charset=utf-8" ||
		!strings.HasPrefix(got.header.Get("Content-Disposition"), `attachment; filename="account-2`) {
		t.Fatalf("got %d %v", got.status, got.header)
	}
	var data map[string]any
	if err := json.Unmarshal([]byte(got.body), &data); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]int{"sign_in_methods": 4, "sessions": 2, "applications": 2} {
		if list, _ := data[key].([]any); len(list) != want {
			t.Errorf("%s: got %v, want %d", key, data[key], want)
		}
	}
	account, _ := data["account"].(map[string]any)
	if diff := cmp.Diff(map[string]any{"email": "anna@example.com"}, account["traits"]); diff != "" {
		t.Error(diff)
	}
	f.grants = func(string) ([]identity.Grant, error) { return nil, errors.New("away") }
	b.post(form.Action, form.Fields).shows(http.StatusInternalServerError)
}

func TestTheDownloadHasAllSessions(t *testing.T) {
	f := engines()
	justNow(f)
	f.sessions = func(_ string, page, size int) ([]identity.Session, int, error) {
		return make([]identity.Session, min(size, max(450-(page-1)*size, 0))), 450, nil
	}
	b := newBrowser(t, newUI(t, f))
	form := b.get(dataPath).shows(http.StatusOK).Form(`form[action="/account/data"]`)
	var data struct{ Sessions []any }
	if err := json.Unmarshal([]byte(b.post(form.Action, form.Fields).body), &data); err != nil {
		t.Fatal(err)
	}
	if len(data.Sessions) != 450 {
		t.Errorf("got %d sessions, want 450", len(data.Sessions))
	}
}

// TestADeletionIsOneStep: it ends all access by itself, and what fails before has done nothing.
func TestADeletionIsOneStep(t *testing.T) {
	for name, tt := range map[string]struct {
		finds, deletes, clears error
		status                 int
		want                   []string
	}{
		"nothing fails":           {status: http.StatusSeeOther, want: []string{"find", "delete", "clear"}},
		"it is not known who":     {finds: errors.New("away"), status: 500, want: []string{"find"}},
		"the deletion fails":      {deletes: &identity.Error{Code: identity.Unavailable}, status: 503, want: []string{"find", "delete"}},
		"the person is gone":      {deletes: &identity.Error{Code: identity.NotFound}, status: http.StatusSeeOther, want: []string{"find", "delete", "clear"}},
		"what is left over fails": {clears: errors.New("away"), status: http.StatusSeeOther, want: []string{"find", "delete", "clear"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			justNow(f)
			var did []string
			f.remove = func(string) error { did = append(did, "delete"); return tt.deletes }
			cfg := config(f)
			cfg.Data = tracing{cfg.Data, func() (func(context.Context) error, error) {
				did = append(did, "find")
				return func(context.Context) error { did = append(did, "clear"); return tt.clears }, tt.finds
			}}
			b := newBrowser(t, newUIWith(t, cfg))
			form := b.get(deletePath).shows(http.StatusOK).Form(`form[action="/account/delete"]`)
			form.Fields.Set("sure", "true")
			got := b.post(form.Action, form.Fields)
			if diff := cmp.Diff(tt.want, did); diff != "" {
				t.Error(diff)
			}
			if tt.status == http.StatusSeeOther {
				got.goesTo(uiURL + "/account/deleted")
				return
			}
			got.shows(tt.status).One(`a[href="/account/delete"]`)
		})
	}
}

// tracing finds and clears what a person leaves behind as it is told.
type tracing struct {
	Data
	traces func() (func(context.Context) error, error)
}

func (d tracing) Traces(context.Context, string) (func(context.Context) error, error) {
	return d.traces()
}

func TestDeletionAsksTwice(t *testing.T) {
	f := engines()
	justNow(f)
	b := newBrowser(t, newUI(t, f))
	form := b.get(deletePath).shows(http.StatusOK).Form(`form[action="/account/delete"]`)
	f.accountFake = &accountFake{} // whose functions must not be called
	page := b.post(form.Action, form.Fields).shows(http.StatusBadRequest)
	page.One(`[role=alert] a[href="#sure"]`)
	page.One(`#sure[aria-invalid=true]`)
}

func TestDeletionCanBeSwitchedOff(t *testing.T) {
	f := engines()
	justNow(f)
	cfg := config(f)
	form := newBrowser(t, newUIWith(t, cfg)).get(deletePath).shows(http.StatusOK).Form(`form[action="/account/delete"]`)
	cfg.AccountRules.Deletion = false
	b := newBrowser(t, newUIWith(t, cfg))
	f.accountFake = &accountFake{} // whose functions must not be called
	b.get(deletePath).shows(http.StatusForbidden)
	form.Fields.Set("sure", "true")
	b.post(deletePath, form.Fields).shows(http.StatusForbidden)
	b.get(dataPath).shows(http.StatusOK).Missing(`a[href="/account/delete"]`)
}
