package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/middleware"
)

const defaultPolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; " +
	"script-src 'self'; frame-ancestors 'none'; base-uri 'none'"

func TestHeaders(t *testing.T) {
	tests := []struct {
		name    string
		mw      middleware.Middleware
		handler http.HandlerFunc
		want    map[string]string // the empty string means absent
	}{
		{
			name: "pages are strict and not cached",
			mw:   middleware.SecurityHeaders(middleware.DefaultCSP(), false),
			want: map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
				"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
				"Cache-Control": "no-store", "Content-Security-Policy": defaultPolicy,
				"Strict-Transport-Security": "",
			},
		},
		{
			name: "pages behind https stay there",
			mw:   middleware.SecurityHeaders(middleware.DefaultCSP(), true),
			want: map[string]string{"Strict-Transport-Security": "max-age=31536000"},
		},
		{
			name: "a page can extend the policy and be cached",
			mw:   middleware.SecurityHeaders(middleware.DefaultCSP(), false),
			handler: func(w http.ResponseWriter, _ *http.Request) {
				middleware.DefaultCSP().With("form-action", "'self'").Apply(w.Header())
				w.Header().Set("Cache-Control", "max-age=1")
			},
			want: map[string]string{
				"Content-Security-Policy": defaultPolicy + "; form-action 'self'",
				"Cache-Control":           "max-age=1",
			},
		},
		{
			name: "what is no page may load nothing, and is not kept",
			mw:   middleware.Baseline(false),
			want: map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
				"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store",
				"Content-Security-Policy":   "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
				"Strict-Transport-Security": "",
			},
		},
		{
			name: "whatever is behind https stays there",
			mw:   middleware.Baseline(true),
			want: map[string]string{"Strict-Transport-Security": "max-age=31536000"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			handler := tt.handler
			if handler == nil {
				handler = func(http.ResponseWriter, *http.Request) {}
			}
			w := httptest.NewRecorder()
			tt.mw(handler).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
			got := map[string]string{}
			for key := range tt.want {
				got[key] = w.Header().Get(key)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCSP(t *testing.T) {
	base := middleware.CSP{}.With("default-src", "'none'").With("img-src", "'self'")
	tests := []struct {
		name string
		csp  middleware.CSP
		want string
	}{
		{"the zero value is empty", middleware.CSP{}, ""},
		{"the default is strict and has no form-action", middleware.DefaultCSP(), defaultPolicy},
		{
			"a directive is replaced in its place", base.With("default-src", "'self'"),
			"default-src 'self'; img-src 'self'",
		},
		{
			"a directive is added at the end", base.With("form-action", "'self'", "https://a.example"),
			"default-src 'none'; img-src 'self'; form-action 'self' https://a.example",
		},
		{"a directive is taken out", base.Without("img-src"), "default-src 'none'"},
		{
			"an absent directive is not missed", base.Without("font-src"),
			"default-src 'none'; img-src 'self'",
		},
		{
			"no sources mean none", base.With("img-src"), "default-src 'none'; img-src 'none'",
		},
		{
			"a source cannot start another directive",
			base.With("img-src", "x; script-src *", "a,b", "a b", "a\nb", "https://ok.example"),
			"default-src 'none'; img-src https://ok.example",
		},
		{
			"only bad sources mean none", base.With("img-src", "*; script-src *"),
			"default-src 'none'; img-src 'none'",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.csp.String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := base.String(); got != "default-src 'none'; img-src 'self'" {
		t.Errorf("a page's policy changed the one it came from: %q", got)
	}
}

func TestPrefersHTML(t *testing.T) {
	tests := []struct {
		name   string
		accept []string
		want   bool
	}{
		{"no preference is no wish for a page", nil, false},
		{"a wildcard is no wish for a page", []string{"*/*"}, false},
		{"a browser wants a page", []string{"text/html,application/xml;q=0.9,*/*;q=0.8"}, true},
		{"JSON alone is no wish for a page", []string{"application/json"}, false},
		{"both alike make a page", []string{"application/json, text/html"}, true},
		{"the heavier one wins", []string{"text/html;q=0.4, application/json;q=0.5"}, false},
		{"several headers count as one", []string{"application/json;q=0.1", "Text/HTML; q=0.2"}, true},
		{"a weight of nothing refuses the page", []string{"text/html;q=0"}, false},
		{"a weight that is no number counts as one", []string{"text/html;q=x"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header["Accept"] = tt.accept
			if got := middleware.PrefersHTML(r); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
