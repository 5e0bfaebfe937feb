package ui

import (
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/identity"
)

func ours(t *testing.T, address string) string {
	t.Helper()
	at, ok := strings.CutPrefix(address, uiURL)
	if !ok {
		t.Fatalf("got %s, want a page of ours", address)
	}
	return at
}

func TestApplicationsSignOutInFrames(t *testing.T) {
	frames := []string{"https://notes.example/bye?iss=x&sid=1", "http://127.0.0.1:8080/bye", "https://notes.example/too"}
	for to, shown := range map[string]string{
		"https://notes.example/out?state=s": "https://notes.example/out?state=s",
		"com.example.notes:/out":            "com.example.notes:/out",
		"http://127.0.0.1:8080/out":         "http://127.0.0.1:8080/out",
		"javascript:alert(1)":               "/",
		"data:text/html,x":                  "/",
	} {
		t.Run("and the way goes on to "+to, func(t *testing.T) {
			u := newUI(t, engines())
			page := newBrowser(t, u).get(ours(t, u.Leaving(to, frames)))
			doc := page.shows(http.StatusOK)
			if got := doc.Attr("a[data-leave]", "href"); got != shown {
				t.Errorf("link: got %q, want %q", got, shown)
			}
			var got []string
			for _, f := range doc.All("iframe[sandbox][hidden]") {
				src, _ := htmltest.Attr(f, "src")
				got = append(got, src)
			}
			if diff := cmp.Diff(frames, got); diff != "" {
				t.Errorf("frames (-want +got):\n%s", diff)
			}
			if got, want := page.header.Get("Content-Security-Policy"), "; frame-src https://notes.example http://127.0.0.1:8080"; !strings.HasSuffix(got, want) {
				t.Errorf("policy: got %q, want it to end with %q", got, want)
			}
		})
	}
	t.Run("an address that is not of the web is not opened", func(t *testing.T) {
		u := newUI(t, engines())
		if got := u.Leaving("https://a.example/", []string{"javascript:alert(1)", "com.example:/x", "https://u:p@a.example/"}); got != "https://a.example/" {
			t.Errorf("got %q, want no page in between", got)
		}
	})
	t.Run("more than an address can hold are left out", func(t *testing.T) {
		u := newUI(t, engines())
		var many []string
		for i := range 2000 {
			many = append(many, "https://"+strings.Repeat(string(rune('a'+i%26)), 30)+hex.EncodeToString(binary.BigEndian.AppendUint64(nil, uint64(i*7919)*2654435761))+".example/")
		}
		if got := u.Leaving("https://a.example/", many); len(got) > maxLeaving+200 {
			t.Errorf("got an address of %d bytes", len(got))
		}
	})
	t.Run("nobody else makes such an address", func(t *testing.T) {
		u := newUI(t, engines())
		other := config(engines())
		other.SealKeys = [][]byte{slices.Repeat([]byte{9}, 32)}
		forged := newUIWith(t, other).Leaving("https://evil.example/", frames)
		newBrowser(t, u).get(ours(t, forged)).shows(http.StatusBadRequest).Missing("iframe")
		sealed, err := u.seal.close(wayOut{To: "https://evil.example/"}, leftCookie)
		if err != nil {
			t.Fatal(err)
		}
		newBrowser(t, u).get(leavingPath + "?t=" + url.QueryEscape(sealed)).shows(http.StatusBadRequest)
	})
}

func TestTheApplicationIsKeptUntilTheBrowserIsBack(t *testing.T) {
	f := engines()
	f.logoutRequest = func(c string) (*identity.LogoutRequest, error) {
		return &identity.LogoutRequest{Challenge: c, Client: &identity.Client{
			ID: "app", Name: "<b>Notes</b>\u202e", URI: "https://notes.example/",
		}}, nil
	}
	leaving(f)
	for action, page := range map[string]string{"yes": "/account/signed-out", "no": "/account/stayed"} {
		t.Run("after "+action, func(t *testing.T) {
			b := newBrowser(t, newUI(t, f))
			form := b.get("/logout?logout_challenge=c1").shows(http.StatusOK).Form("form").Fields
			form.Set("action", action)
			b.post("/logout", form)
			doc := b.get(page).shows(http.StatusOK)
			if got, want := doc.Attr("a.primary", "href")+" "+doc.Text("a.primary"), "https://notes.example/ Back to <b>Notes</b>"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	t.Run("but not from a sign-out at home", func(t *testing.T) {
		b := newBrowser(t, newUI(t, f))
		form := b.get("/logout?logout_challenge=c1").shows(http.StatusOK).Form("form").Fields
		form.Set("action", "yes")
		b.post("/logout", form)
		b.post("/account/logout", b.get("/account/logout").shows(http.StatusOK).Form("form").Fields)
		if got := b.get("/account/signed-out").shows(http.StatusOK).Text("a.primary"); got != "Sign in again" {
			t.Errorf("got %q, want no application", got)
		}
	})
}

func TestSigningOutEverywhere(t *testing.T) {
	for name, tt := range map[string]struct {
		everywhere string
		err        error
		want       []string
		to         string
	}{
		"ends the other sessions first":      {"yes", nil, []string{"others", "own"}, kratosURL + "/self-service/logout?token=t"},
		"and here alone leaves them":         {"", nil, []string{"own"}, kratosURL + "/self-service/logout?token=t"},
		"wants the second step where it has": {"yes", &identity.Error{Code: identity.AALRequired}, nil, "/login?aal=aal2"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			f := engines()
			f.endOthers = func(string) error {
				if tt.err == nil {
					got = append(got, "others")
				}
				return tt.err
			}
			f.logoutURL = func(_, _ string) (string, error) {
				got = append(got, "own")
				return kratosURL + "/self-service/logout?token=t", nil
			}
			b := newBrowser(t, newUI(t, f))
			form := b.get("/account/logout").shows(http.StatusOK).Form("form").Fields
			form.Set("everywhere", tt.everywhere)
			b.post("/account/logout", form).goesTo(tt.to)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFormPost(t *testing.T) {
	fields := url.Values{"code": {`c"><script>`}, "state": {"s"}}
	for action, host := range map[string]string{
		"https://notes.example/cb": "notes.example",
		"com.example.notes:/cb":    "com.example.notes:",
		"http://127.0.0.1:49152/c": "127.0.0.1:49152 (this device)",
	} {
		t.Run("carries the answer to "+action, func(t *testing.T) {
			cfg := config(engines())
			cfg.URLs.UI = "https://id.test"
			u := newUIWith(t, cfg)
			b := newBrowser(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { u.FormPost(w, r, action, fields) }))
			got := b.get("/oauth2/auth")
			doc := got.shows(http.StatusOK)
			form := doc.Form("form[data-leave]")
			if diff := cmp.Diff(fields, form.Fields); diff != "" || form.Action != action || doc.Text(".lead bdi") != host {
				t.Errorf("got %s at %s named %q\n%s", form.Action, action, doc.Text(".lead bdi"), diff)
			}
			if got := doc.Attr("base", "href"); got != "https://id.test/" {
				t.Errorf("base: got %q", got)
			}
			want := "default-src 'none'; style-src https://id.test; img-src https://id.test data:; script-src https://id.test; " +
				"frame-ancestors 'none'; base-uri https://id.test"
			if diff := cmp.Diff(want, got.header.Get("Content-Security-Policy")); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("is not written for an address that would run here", func(t *testing.T) {
		u := newUI(t, engines())
		b := newBrowser(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { u.FormPost(w, r, "javascript:alert(1)", fields) }))
		b.get("/oauth2/auth").shows(http.StatusInternalServerError).Missing("form")
	})
}
