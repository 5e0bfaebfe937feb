package kratos

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/identityd/internal/identity"
)

func TestTheChoiceIsReadAndTheFormIsPutBack(t *testing.T) {
	for name, tt := range map[string]struct {
		kind, body   string
		keep, chosen bool
	}{
		"ticked":      {"application/x-www-form-urlencoded", "a=b&keep_offered=1&keep_signed_in=true", true, true},
		"not ticked":  {"application/x-www-form-urlencoded; charset=utf-8", "keep_offered=1&a=b", false, true},
		"not offered": {"application/x-www-form-urlencoded", "a=b", false, false},
		"JSON":        {"application/json", `{"keep_offered":"1"}`, false, false},
		"no form":     {"application/x-www-form-urlencoded", "%zz", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/self-service/login", strings.NewReader(tt.body))
			r.Header.Set("Content-Type", tt.kind)
			keep, chosen := choice(r)
			if keep != tt.keep || chosen != tt.chosen {
				t.Errorf("got %v, %v, want %v, %v", keep, chosen, tt.keep, tt.chosen)
			}
			if rest, err := io.ReadAll(r.Body); string(rest) != tt.body || err != nil {
				t.Errorf("Kratos reads %q (%v), want %q", rest, err, tt.body)
			}
		})
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("a", publicBody+1)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, publicBody) // as wrap bounds it
	if _, chosen := choice(r); chosen {
		t.Error("a form that is too long is a choice")
	}
	var tooLong *http.MaxBytesError
	if _, err := io.ReadAll(r.Body); !errors.As(err, &tooLong) {
		t.Errorf("Kratos reads to %v, want the bound", err)
	}
}

func TestWhoseSessionsOutliveTheBrowser(t *testing.T) {
	plain := httptest.NewRequest(http.MethodGet, "/", nil)
	marked := httptest.NewRequest(http.MethodGet, "/", nil)
	marked.AddCookie(&http.Cookie{Name: identity.KeepCookie, Value: "1"})
	for remember, want := range map[identity.Remember][2]bool{
		identity.RememberOffered: {false, true}, identity.RememberAlways: {true, true}, identity.RememberNever: {false, false},
	} {
		if got := [2]bool{remember.Keeps(plain), remember.Keeps(marked)}; got != want {
			t.Errorf("%s: got %v, want %v", remember, got, want)
		}
	}
}
