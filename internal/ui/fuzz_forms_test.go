package ui

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// FuzzConsentForm posts anything to the consent page. Nothing is granted without the token of that very
// challenge, and never more than was asked for.
func FuzzConsentForm(f *testing.F) {
	engines := engines()
	u := newUI(f, engines)
	browser := base64.RawURLEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	valid := url.Values{
		"csrf_token": {sign(u.csrf.keys[0], browser, purposeConsent, "c1")}, "consent_challenge": {"c1"},
		"action": {"allow"}, "grant_scope": {"email"}, "remember": {"true"},
	}
	const form = "application/x-www-form-urlencoded"
	f.Add(valid.Encode(), form, "")
	f.Add(valid.Encode()+"&grant_scope=admin&grant_scope=openid&action=deny", form, "")
	f.Add(strings.ReplaceAll(valid.Encode(), "c1", "c2"), form, "?consent_challenge=c1")
	f.Add("action=allow&"+valid.Encode()+";x=%zz", form+"; charset=x", "?"+valid.Encode())
	f.Add("--x\r\nContent-Disposition: form-data; name=\"action\"\r\n\r\nallow\r\n--x--", "multipart/form-data; boundary=x", "")
	f.Fuzz(func(t *testing.T, body, kind, query string) {
		decisions := deciding(engines)
		r := httptest.NewRequest("POST", "/consent", strings.NewReader(body))
		r.URL.RawQuery = strings.TrimPrefix(query, "?")
		r.Header.Set("Content-Type", kind)
		r.AddCookie(&http.Cookie{Name: "identityd_ui_csrf", Value: browser})
		w := httptest.NewRecorder()
		u.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("got status %d", w.Code)
		}
		if to := w.Header().Get("Location"); to != "" && !strings.HasPrefix(to, hydraURL+"/") && !strings.HasPrefix(to, kratosURL+"/") {
			t.Fatalf("left for %q", to)
		}
		sent, _ := url.ParseQuery(body)
		for _, d := range *decisions {
			if want := sign(u.csrf.keys[0], browser, purposeConsent, d.Challenge); !slices.Contains(sent["csrf_token"], want) {
				t.Fatalf("answered %q without its token", d.Challenge)
			}
			if d.Grant == nil {
				continue
			}
			for _, scope := range d.Grant.Scope {
				if asked := consentRequest("").RequestedScope; !slices.Contains(asked, scope) {
					t.Fatalf("granted %q, which nobody asked for", scope)
				}
				if scope != "openid" && !slices.Contains(sent["grant_scope"], scope) {
					t.Fatalf("granted %q, which the person did not tick", scope)
				}
			}
		}
	})
}

// FuzzSealedCookiesOpenOnlyAsSealed changes a cookie that we sealed, and what it is bound to.
func FuzzSealedCookiesOpenOnlyAsSealed(f *testing.F) {
	s, err := newSeal([][]byte{[]byte("fedcba9876543210fedcba9876543210")})
	if err != nil {
		f.Fatal(err)
	}
	want := left{App: "Notes", Link: "https://notes.example/"}
	// Sealed once and for all: a fuzzer runs in several processes, and a new one would have another nonce.
	const text = "Fy1iCUNEJ0tlJJfjYVsi3BpUirPHXDjHkBvOFMT6HRoWMAlWspyfuOlceCHxsYiVHqfbG19zuIqXQ2Je2PsD5dTp_kjXeKUiH-0"
	f.Add(text, leftCookie)
	f.Add(text+"A", leftCookie)
	f.Add(text[1:], "")
	f.Add(text, appsCookie)
	f.Fuzz(func(t *testing.T, cookie, binding string) {
		var got left
		opened := s.open(cookie, binding, &got)
		same := cookie == text && binding == leftCookie
		switch {
		case opened != same:
			t.Fatalf("%q for %q: opened %v, want %v", cookie, binding, opened, same)
		case opened && got != want:
			t.Fatalf("got %+v", got)
		}
	})
}

// FuzzCookies shows pages to a browser with any cookies, sealed ones with any content among them: the
// names and addresses in those come from applications.
func FuzzCookies(f *testing.F) {
	engines := engines()
	u := newUI(f, engines)
	f.Add("identityd_ui_waiting=login:f-1; identityd_ui_restart=1", "Notes", "https://notes.example/", "")
	f.Add("identityd_typed=eyJpZGVudGlmaWVyIjoiPGI-In0; identityd_ui_language=de", "<b>", "javascript:alert(1)", "x")
	f.Add("identityd_ui_address=YUBiLmM; identityd_ui_case=ABCD-EFGH", "\u202e", "//evil.example", "\x00")
	f.Add("identityd_ui_csrf=; a=\x7f; =; ;;", "", "data:text/html,x", `"`)
	pages := []string{"/login?flow=x", "/verification?flow=x", "/account/", "/account/stayed", "/account/signed-out", "/login/help", "/nowhere"}
	browser := base64.RawURLEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	f.Fuzz(func(t *testing.T, cookies, app, address, extra string) {
		sealed, err := u.seal.close(left{App: app, Link: secureLink(address)}, leftCookie)
		if err != nil {
			t.Skip()
		}
		list, err := u.seal.close([]waitingApp{{Client: app, Name: app, URL: address, Asked: 1 << 40}}, appsCookie+browser)
		if err != nil {
			t.Skip()
		}
		for _, page := range pages {
			r := httptest.NewRequest("GET", page, nil)
			r.Header.Set("Cookie", cookies)
			r.AddCookie(&http.Cookie{Name: leftCookie, Value: sealed + extra})
			r.AddCookie(&http.Cookie{Name: appsCookie, Value: list})
			r.AddCookie(&http.Cookie{Name: "identityd_ui_csrf", Value: browser})
			w := httptest.NewRecorder()
			u.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Fatalf("%s: got status %d", page, w.Code)
			}
			checkNoWayOut(t, page, w)
		}
	})
}

// checkNoWayOut fails when a page holds something that runs, or an answer leads where nobody chose.
func checkNoWayOut(t *testing.T, name string, w *httptest.ResponseRecorder) {
	t.Helper()
	if to := w.Header().Get("Location"); to != "" {
		parsed, err := url.Parse(to)
		if err != nil || !strings.HasPrefix(origin(parsed), "http://id.test:") {
			t.Fatalf("%s leads to %q", name, to)
		}
		return
	}
	page := answer{t, w.Code, w.Header(), w.Body.String()}.page()
	page.Missing(`script:not([src^="/assets/"]):not([src^="/.well-known/ory/webauthn.js?v="])`)
	page.Missing("style, [style], [onclick], [onerror], iframe, object, b")
	for _, scheme := range []string{"javascript", "data", "vbscript", "blob", "file"} {
		page.Missing("[href^=" + scheme + "], [action^=" + scheme + "]")
	}
}

// FuzzLinks gives every check of an address any address: what passes must not run, and must be what a
// browser takes it for.
func FuzzLinks(f *testing.F) {
	for _, s := range []string{
		"https://app.example/x", "//evil.example", `/\evil.example`, "java\tscript:alert(1)", " javascript:alert(1)",
		"JAVASCRIPT:alert(1)", "https://user@evil.example", "app:/cb", "data:text/html,x", "/", "https:evil.example",
		"https:/\\evil.example", "\x01javascript:alert(1)", "view-source:https://x", "mailto:a@b.c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for name, to := range map[string]string{
			"anyScheme": string(anyScheme(raw)), "secureLink": secureLink(raw), "supportLink": supportLink(raw),
		} {
			// As browsers read it (URL standard): without what is at the edges, and without tabs and line ends.
			seen := strings.ToLower(strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(strings.TrimFunc(to, func(c rune) bool { return c <= ' ' })))
			for _, scheme := range []string{"javascript:", "data:", "vbscript:", "blob:", "file:"} {
				if strings.HasPrefix(seen, scheme) {
					t.Fatalf("%s: %q passed as %q", name, raw, to)
				}
			}
			if name == "secureLink" && to != "" && !strings.HasPrefix(seen, "https://") {
				t.Fatalf("%s: %q passed as %q", name, raw, to)
			}
		}
		if framed(raw) && !strings.HasPrefix(strings.ToLower(raw), "http") {
			t.Fatalf("framed %q", raw)
		}
		if validReturnTo(raw) && strings.HasPrefix(strings.ReplaceAll(raw, `\`, "/"), "//") {
			t.Fatalf("%q is another site to a browser", raw)
		}
	})
}

// FuzzAcceptLanguage: whatever a browser asks for, it gets a page in a language there is.
func FuzzAcceptLanguage(f *testing.F) {
	u := newUI(f, engines())
	for _, s := range []string{"de-CH,fr;q=0.8", "*", "x-klingon", strings.Repeat("en-", 500), strings.Repeat("a,", 2000), "en;q=-1", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		r := httptest.NewRequest("GET", "/account/signed-out", nil)
		r.Header.Set("Accept-Language", accept)
		w := httptest.NewRecorder()
		u.ServeHTTP(w, r)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<html lang=") {
			t.Fatalf("got status %d", w.Code)
		}
	})
}
