package kratos

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

func TestAttempts(t *testing.T) {
	const form, data = "application/x-www-form-urlencoded", "application/json"
	login := func(who string) []identity.Attempt { return []identity.Attempt{{Kind: "login", Account: who}} }
	mail := func(who string) identity.Attempt { return identity.Attempt{Kind: "mail", Account: who, Every: true} }
	multi := "--b\r\nContent-Disposition: form-data; name=\"identifier\"\r\n\r\nanna\r\n--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nx\r\n--b--\r\n"
	for name, c := range map[string]struct {
		method, target, kind, body string
		want                       []identity.Attempt
	}{
		"a password in a form":                {"POST", "/self-service/login?flow=f", form, "method=password&identifier=anna&password=x", login("anna")},
		"a password in JSON":                  {"POST", "/self-service/login?flow=f", data, `{"method":"password","identifier":"anna","password":"x"}`, login("anna")},
		"a password in parts":                 {"POST", "/self-service/login?flow=f", "multipart/form-data; boundary=b", multi, login("anna")},
		"a name in the query":                 {"POST", "/self-service/login?flow=f&identifier=anna", form, "method=password&password=x", login("anna")},
		"the old name of the field":           {"POST", "/self-service/login?flow=f", data, `{"password_identifier":"anna","password":"x"}`, login("anna")},
		"a path that is cleaned":              {"POST", "//self-service/x/../login?flow=f", form, "identifier=anna&password=x", login("anna")},
		"a code for a second factor":          {"POST", "/self-service/login?flow=f", form, "method=totp&totp_code=123456", login(sessionAccount)},
		"a recovery code":                     {"POST", "/self-service/login?flow=f", form, "method=lookup_secret&lookup_secret=abc", login(sessionAccount)},
		"a code by mail":                      {"POST", "/self-service/login?flow=f", form, "method=code&code=123456&identifier=anna", login("anna")},
		"to ask for a code":                   {"POST", "/self-service/login?flow=f", form, "method=code&identifier=anna", []identity.Attempt{mail("anna")}},
		"to ask for it again":                 {"POST", "/self-service/login?flow=f", form, "method=code&identifier=anna&resend=code", []identity.Attempt{mail("anna")}},
		"to name an account is none":          {"POST", "/self-service/login?flow=f", form, "method=identifier_first&identifier=anna", nil},
		"to go to a provider is none":         {"POST", "/self-service/login?flow=f", form, "provider=google", nil},
		"to look at a form is none":           {"GET", "/self-service/login/browser", "", "", nil},
		"to ask for a new password":           {"POST", "/self-service/recovery?flow=f", form, "method=code&email=a%40example.com", []identity.Attempt{mail("a@example.com")}},
		"a code of a recovery":                {"POST", "/self-service/recovery?flow=f", data, `{"method":"code","code":"123456"}`, login("flow:f")},
		"a code of a verification by GET":     {"GET", "/self-service/verification?flow=f&code=123456", "", "", login("flow:f")},
		"a sign-up":                           {"POST", "/self-service/registration?flow=f", form, "method=password&traits.email=a%40example.com&password=x", []identity.Attempt{{Kind: "form"}, mail("a@example.com")}},
		"a sign-up in JSON":                   {"POST", "/self-service/registration?flow=f", data, `{"method":"password","traits":{"email":"a@example.com"},"password":"x"}`, []identity.Attempt{{Kind: "form"}, mail("a@example.com")}},
		"a sign-up's first step is none":      {"POST", "/self-service/registration?flow=f", form, "method=profile&traits.email=a%40example.com", nil},
		"a change of settings":                {"POST", "/self-service/settings?flow=f", form, "method=password&password=x", []identity.Attempt{{Kind: "form", Account: sessionAccount}}},
		"what cannot be read is nobody's try": {"POST", "/self-service/login?flow=f", data, `{"identifier":`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, "http://id.test"+c.target, strings.NewReader(c.body))
			if strings.HasPrefix(c.target, "//") {
				r.URL.Path = strings.TrimSuffix(c.target, "?flow=f")
				r.URL.RawQuery = "flow=f"
			}
			r.Header.Set("Content-Type", c.kind)
			if diff := cmp.Diff(c.want, attempts(r)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if left, err := io.ReadAll(r.Body); err != nil || string(left) != c.body {
				t.Errorf("got %q, %v left of the body, want all of it", left, err)
			}
		})
	}
	if r := httptest.NewRequest(http.MethodGet, "/self-service/recovery?flow=f", nil); submitted(r) != "" {
		t.Error("to look at a recovery is none")
	}
}
