package ui

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestOurFormsAreRefusedFromAnywhereElse(t *testing.T) {
	f := engines()
	u := newUI(t, f)
	for name, change := range map[string]func(b *browser){
		"without the cookie":       func(b *browser) { delete(b.jar, "identityd_ui_csrf") },
		"with another cookie":      func(b *browser) { b.jar["identityd_ui_csrf"] = strings.Repeat("A", 43) },
		"with a cookie too short":  func(b *browser) { b.jar["identityd_ui_csrf"] = "AAAA" },
		"with the cookie of a key": func(b *browser) { b.ui = otherKey(b.t, f) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t, u)
			form := b.get("/account/").shows(http.StatusOK).Form("form").Fields
			change(b)
			b.post("/account/logout", form).shows(http.StatusForbidden)
		})
	}
	t.Run("with the token of another form", func(t *testing.T) {
		b := newBrowser(t, u)
		form := b.get("/logout?logout_challenge=c").shows(http.StatusOK).Form("form").Fields
		b.post("/account/logout", form).shows(http.StatusForbidden)
	})
	t.Run("with the token of another form for the same challenge", func(t *testing.T) {
		b := newBrowser(t, u)
		page := b.get("/logout?logout_challenge=c").shows(http.StatusOK)
		b.post("/consent", url.Values{
			"csrf_token": {page.Form("form").Fields.Get("csrf_token")}, "consent_challenge": {"c"},
		}).shows(http.StatusForbidden)
	})
	t.Run("when the browser says that another site sent it", func(t *testing.T) {
		b := newBrowser(t, u)
		form := b.get("/account/").shows(http.StatusOK).Form("form").Fields
		for site, want := range map[string]int{
			"same-origin": http.StatusSeeOther, "cross-site": http.StatusForbidden,
			"same-site": http.StatusForbidden,
		} {
			r := httptest.NewRequest("POST", "/account/logout", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", site)
			r.AddCookie(&http.Cookie{Name: "identityd_ui_csrf", Value: b.jar["identityd_ui_csrf"]})
			w := httptest.NewRecorder()
			u.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s: got %d, want %d", site, w.Code, want)
			}
		}
	})
}

func otherKey(t testing.TB, f *fake) *UI {
	cfg := config(f)
	cfg.CSRFKeys = [][]byte{[]byte("another key of thirty-two bytes.")}
	return newUIWith(t, cfg)
}

func TestAFormOutlastsARotation(t *testing.T) {
	b := newBrowser(t, newUI(t, engines()))
	form := b.get("/account/").shows(http.StatusOK).Form("form").Fields
	cfg := config(engines())
	cfg.CSRFKeys = append([][]byte{[]byte("a newer key of thirty-two bytes.")}, cfg.CSRFKeys...)
	b.ui = newUIWith(t, cfg)
	b.post("/account/logout", form).goesTo(kratosURL + "/self-service/logout?token=t")
}

func TestASealedCookieOutlastsARotation(t *testing.T) {
	older, newer := slices.Repeat([]byte{1}, 32), slices.Repeat([]byte{2}, 32)
	seals := map[string]seal{}
	for name, keys := range map[string][][]byte{"old": {older}, "rotated": {newer, older}, "new": {newer}} {
		var err error
		if seals[name], err = newSeal(keys); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		by, opens string
		want      bool
	}{{"old", "rotated", true}, {"rotated", "new", true}, {"rotated", "old", false}, {"old", "new", false}} {
		text, err := seals[tt.by].close("it", "binding")
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if ok := seals[tt.opens].open(text, "binding", &got); ok != tt.want || ok && got != "it" {
			t.Errorf("sealed by %s, %s opens it: got %t %q, want %t", tt.by, tt.opens, ok, got, tt.want)
		}
	}
}

func TestReplicasWithOneKeyAcceptEachOthersForms(t *testing.T) {
	b := newBrowser(t, newUI(t, engines()))
	form := b.get("/account/").shows(http.StatusOK).Form("form").Fields
	b.ui = newUI(t, engines())
	b.post("/account/logout", form).goesTo(kratosURL + "/self-service/logout?token=t")
}

func TestTheCookieIsKeptAndNotMadeAnew(t *testing.T) {
	b := newBrowser(t, newUI(t, engines()))
	first := b.get("/account/").header.Get("Set-Cookie")
	for _, want := range []string{"identityd_ui_csrf=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(first, want) {
			t.Errorf("cookie %q lacks %s", first, want)
		}
	}
	if strings.Contains(first, "Secure") {
		t.Errorf("cookie %q is Secure, but the pages are served over http", first)
	}
	if got := b.get("/account/").header.Get("Set-Cookie"); got != "" {
		t.Errorf("second visit: got cookie %q, want none", got)
	}
}

func TestOverHTTPSCookiesAreBoundToTheHost(t *testing.T) {
	cfg := config(engines())
	cfg.URLs.UI = "https://id.test"
	got := newBrowser(t, newUIWith(t, cfg)).get("/account/").header.Get("Set-Cookie")
	if !strings.HasPrefix(got, "__Host-identityd_ui_csrf=") || !strings.Contains(got, "Secure") ||
		strings.Contains(got, "Domain") {
		t.Errorf("got cookie %q, want a Secure one with the prefix __Host-", got)
	}
}

func TestAnEndlessFormIsRefused(t *testing.T) {
	b := newBrowser(t, newUI(t, engines()))
	form := url.Values{"x": {strings.Repeat("a", maxForm)}}
	b.post("/account/logout", form).shows(http.StatusBadRequest)
}
