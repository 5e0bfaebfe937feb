package ui

import (
	"net/http"
	"strings"
	"testing"
)

func TestPreviewsShowEveryMailInEveryLanguage(t *testing.T) {
	b := newBrowser(t, newUIIn(t, engines(), "en", "ar"))
	page := b.get(previewsPath).shows(http.StatusOK)
	for _, kind := range []string{"login_code_valid", "new_one"} {
		for _, lang := range []string{"en", "ar"} {
			page.One(`a[href="` + previewsPath + "/" + kind + "/" + lang + `"]`)
		}
	}
	page = b.get(previewsPath + "/new_one/ar").shows(http.StatusOK)
	if got, want := page.Text("h1"), "new_one in ar"; got != want {
		t.Errorf("subject: got %q, want %q", got, want)
	}
	page.Missing("dl")
	a := b.get(page.Attr("iframe", "src"))
	if a.status != http.StatusOK || a.body != "<p>hello</p>" ||
		!strings.HasPrefix(a.header.Get("Content-Security-Policy"), "sandbox; default-src 'none'") {
		t.Errorf("html: got %d %q under %q", a.status, a.body, a.header.Get("Content-Security-Policy"))
	}
	for _, target := range []string{"/new_one/de", "/none/en", "/new_one/de/html"} {
		b.get(previewsPath + target).shows(http.StatusNotFound)
	}
}

func TestPreviewsAreForDevelopmentOnly(t *testing.T) {
	cfg := config(engines())
	cfg.Inbox, cfg.Previews = nil, nil
	newBrowser(t, newUIWith(t, cfg)).get(previewsPath).shows(http.StatusNotFound)
}
