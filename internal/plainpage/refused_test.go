package plainpage

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/locale"
)

func refuse(t *testing.T, accept string, of Refused) *httptest.ResponseRecorder {
	t.Helper()
	texts, err := locale.Load(locale.Languages())
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(texts, "Bank")
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/forward-auth", nil)
	r.Header.Set("Accept-Language", accept)
	w := httptest.NewRecorder()
	p.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Refuse(w, r, of, "r-1") {
			t.Error("nothing was written")
		}
	})).ServeHTTP(w, r)
	return w
}

func TestWhoIsNotLetInIsToldWhy(t *testing.T) {
	const other = "https://id.example.com/login?return_to=https%3A%2F%2Fapp.example.com%2F"
	for name, tt := range map[string]struct {
		of     Refused
		accept string
		title  string
		links  []string
	}{
		"who is in no group that may": {Refused{Account: "anna@example.com", Other: other}, "en", "This page is not for this account", []string{other}},
		"who has no second step":      {Refused{Why: NoSecond, Other: other, Mend: "https://id.example.com/x"}, "de", "Ein zweiter Schritt ist nötig", []string{"https://id.example.com/x", other}},
		"who has no verified address": {Refused{Why: Unverified, Other: other, Mend: "https://id.example.com/v"}, "ja", "アドレスの確認", []string{"https://id.example.com/v", other}},
	} {
		t.Run(name, func(t *testing.T) {
			w := refuse(t, tt.accept, tt.of)
			page := htmltest.ParseString(t, w.Body.String())
			if got := page.Text("h1"); got != tt.title || w.Code != http.StatusForbidden {
				t.Errorf("got %d and %q, want 403 and %q", w.Code, got, tt.title)
			}
			var links []string
			for _, l := range page.All("main a") {
				href, _ := htmltest.Attr(l, "href")
				links = append(links, href)
			}
			if diff := cmp.Diff(tt.links, links); diff != "" {
				t.Error(diff)
			}
			if named := strings.Contains(w.Body.String(), "anna@example.com"); named != (tt.of.Account != "") {
				t.Errorf("names the account: %v", named)
			}
		})
	}
	hostile := refuse(t, "en", Refused{Account: `<b>x</b>`, Other: "javascript:alert(1)"}).Body.String()
	if strings.Contains(hostile, "<b>") || strings.Contains(hostile, `href="javascript:`) {
		t.Errorf("it shows what others wrote:\n%s", hostile)
	}
}
