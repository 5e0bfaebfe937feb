package kratos

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatWasTypedIsKept(t *testing.T) {
	e := &Engine{cfg: Config{PublicURL: "https://id.example", CookieDomain: "example"}}
	form := url.Values{
		"csrf_token": {"t"}, "method": {"password"}, "identifier": {"anna@example.com"}, "traits.name": {"Anna"}, "password": {"hunter2"}, "code": {"123456"},
	}
	for name, tt := range map[string]struct {
		to   string
		form url.Values
		want string
	}{
		"a new flow of the same kind":    {"https://id.example/login?flow=new", form, `{"identifier":"anna@example.com","traits.name":"Anna"}`},
		"the same flow":                  {"https://id.example/login?flow=old", form, ""},
		"a flow of another kind":         {"https://id.example/verification?flow=new", form, ""},
		"the start page":                 {"https://id.example/", form, ""},
		"nothing that may be kept":       {"https://id.example/login?flow=new", url.Values{"password": {"hunter2"}}, ""},
		"more than a cookie should hold": {"https://id.example/login?flow=new", url.Values{"traits.name": {strings.Repeat("a", maxTyped)}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := e.keepTyped(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := r.ParseForm(); err != nil || r.PostForm.Encode() != tt.form.Encode() {
					t.Errorf("Kratos got %v (%v), want what was posted", r.PostForm, err)
				}
				http.Redirect(w, r, tt.to, http.StatusSeeOther)
			}))
			r := httptest.NewRequest(http.MethodPost, "/self-service/login?flow=old", strings.NewReader(tt.form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			got := ""
			for _, cookie := range w.Result().Cookies() {
				raw, err := base64.RawURLEncoding.DecodeString(cookie.Value)
				if err != nil || cookie.Name != typedCookie || !cookie.HttpOnly || !cookie.Secure || cookie.Domain != "example" {
					t.Errorf("got cookie %v (%v)", cookie, err)
				}
				got = string(raw)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
