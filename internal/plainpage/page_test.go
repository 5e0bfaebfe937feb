package plainpage

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/locale"
)

func write(t *testing.T, kind Kind, accept, requestID string) *httptest.ResponseRecorder {
	t.Helper()
	texts, err := locale.Load(locale.Languages())
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(texts, `<b>Bank</b>`)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/login", nil)
	r.Header.Set("Accept-Language", accept)
	w := httptest.NewRecorder()
	p.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Write(w, r, http.StatusServiceUnavailable, kind, requestID) {
			t.Error("nothing was written")
		}
	})).ServeHTTP(w, r)
	return w
}

func TestWhatAPersonIsTold(t *testing.T) {
	for _, c := range []struct {
		kind         Kind
		accept       string
		title, found string
	}{
		{Starting, "en", "We will be right back", `http-equiv="refresh"`},
		{Away, "de-AT,en;q=0.5", "Wir können gerade nicht antworten", `<html lang="de" dir="ltr">`},
		{Failed, "ar", "حدث خطأ من جانبنا", `<html lang="ar" dir="rtl">`},
		{TooLarge, "xx", "That was too much at once", "send less"},
	} {
		w := write(t, c.kind, c.accept, "r-1")
		page := htmltest.ParseString(t, w.Body.String())
		if got := page.Text("h1"); got != c.title {
			t.Errorf("got %q, want %q", got, c.title)
		}
		if !strings.Contains(w.Body.String(), c.found) || w.Code != http.StatusServiceUnavailable {
			t.Errorf("got %d and\n%s\nwant %q in it", w.Code, w.Body, c.found)
		}
		if reload := strings.Contains(w.Body.String(), "http-equiv"); reload != (c.kind == Starting) {
			t.Errorf("kind %d: asks again by itself: %v", c.kind, reload)
		}
	}
}

func TestItNeedsNothingElseAndAdmitsNothingElse(t *testing.T) {
	w := write(t, Failed, "en", `"><script>alert(1)</script>`)
	body := w.Body.String()
	for _, no := range []string{"<script", "<b>Bank", "src=", "href="} {
		if strings.Contains(body, no) {
			t.Errorf("%q is in the page:\n%s", no, body)
		}
	}
	_, css, _ := strings.Cut(body, "<style>")
	css, _, _ = strings.Cut(css, "</style>")
	sum := sha256.Sum256([]byte(css))
	want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, want) || strings.Contains(policy, "unsafe") {
		t.Errorf("got the policy %q, want %q in it", policy, want)
	}
}

func TestWithoutPagesItLeavesTheAnswerToOthers(t *testing.T) {
	w := httptest.NewRecorder()
	if Write(w, httptest.NewRequest(http.MethodGet, "/", nil), http.StatusInternalServerError, Failed, "") || w.Body.Len() > 0 {
		t.Error("it wrote a page of no language")
	}
}
