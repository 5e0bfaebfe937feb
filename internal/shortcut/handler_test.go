package shortcut

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// asked is what arrives at a handler that answers each path as told.
type asked struct {
	answers map[string]http.HandlerFunc
	got     []string
}

func (a *asked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.got = append(a.got, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Method, r.URL.RequestURI(), r.Header.Get("Cookie"))))
	w.Header().Set("X-Step", r.URL.Path)
	a.answers[r.URL.Path](w, r)
}

func to(location string, cookies ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, c := range cookies {
			w.Header().Add("Set-Cookie", c)
		}
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusSeeOther)
		io.WriteString(w, "see there") //nolint:errcheck // in memory
	}
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "page", Value: "1"})
		w.WriteHeader(status)
		io.WriteString(w, body) //nolint:errcheck // in memory
	}
}

// got is what the browser gets.
type got struct {
	Status         int
	Location, Body string
	Step           string
	Cookies        []string
	Asked          []string
}

func TestHandler(t *testing.T) {
	origin, err := url.Parse("https://id.example")
	if err != nil {
		t.Fatal(err)
	}
	post := func(r *http.Request) {
		r.Method = http.MethodPost
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "https://id.example")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader("a=b")), 3
	}
	tests := map[string]struct {
		answers map[string]http.HandlerFunc
		change  func(*http.Request)
		want    got
	}{
		"two redirects are taken at a time, with the cookies of each": {
			answers: map[string]http.HandlerFunc{
				"/":  to("/a?x=1", "one=1; Path=/", "gone=; Path=/; Max-Age=-1"),
				"/a": to("https://id.example/b", "two=2; Path=/", "one=3; Path=/; Secure"),
				"/b": to("https://app.example/done"),
			},
			want: got{
				303, "https://app.example/done", "see there", "/b",
				[]string{"gone=; Path=/; Max-Age=-1", "two=2; Path=/", "one=3; Path=/; Secure"},
				[]string{"GET / gone=1; old=1", "GET /a?x=1 old=1; one=1", "GET /b old=1; two=2; one=3"},
			},
		},
		"a form that was sent ends in a GET": {
			answers: map[string]http.HandlerFunc{"/": to("/a"), "/a": to("/page")},
			change: func(r *http.Request) {
				post(r)
				r.Header.Set("Sec-Fetch-Site", "same-origin")
			},
			want: got{303, "/page", "see there", "/a", nil, []string{"POST / gone=1; old=1", "GET /a gone=1; old=1"}},
		},
		"a form of another site is not followed": {
			answers: map[string]http.HandlerFunc{"/": to("/a")},
			change: func(r *http.Request) {
				post(r)
				r.Header.Set("Sec-Fetch-Site", "cross-site")
			},
			want: got{303, "/a", "see there", "/", nil, []string{"POST / gone=1; old=1"}},
		},
		"a program sees every step": {
			answers: map[string]http.HandlerFunc{"/": to("/a")},
			change:  func(r *http.Request) { r.Header.Del("Sec-Fetch-Mode") },
			want:    got{303, "/a", "see there", "/", nil, []string{"GET / gone=1; old=1"}},
		},
		"a frame sees every step": {
			answers: map[string]http.HandlerFunc{"/": to("/a")},
			change:  func(r *http.Request) { r.Header.Set("Sec-Fetch-Dest", "iframe") },
			want:    got{303, "/a", "see there", "/", nil, []string{"GET / gone=1; old=1"}},
		},
		"a HEAD answers for nobody": {
			answers: map[string]http.HandlerFunc{"/": to("/a")},
			change:  func(r *http.Request) { r.Method = http.MethodHead },
			want:    got{303, "/a", "see there", "/", nil, []string{"HEAD / gone=1; old=1"}},
		},
		"under another name nothing is followed": {
			answers: map[string]http.HandlerFunc{"/": to("/a")},
			change:  func(r *http.Request) { r.Host = "id.internal" },
			want:    got{303, "/a", "see there", "/", nil, []string{"GET / gone=1; old=1"}},
		},
		"neither is another origin": {
			answers: map[string]http.HandlerFunc{"/": to("https://id.example:444/a")},
			want:    got{303, "https://id.example:444/a", "see there", "/", nil, []string{"GET / gone=1; old=1"}},
		},
		"a redirect that keeps the method is left alone": {
			answers: map[string]http.HandlerFunc{"/": func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/a", http.StatusTemporaryRedirect)
			}},
			want: got{307, "/a", "<a href=\"/a\">Temporary Redirect</a>.\n\n", "/", nil, []string{"GET / gone=1; old=1"}},
		},
		"a page is shown at its own address": {
			answers: map[string]http.HandlerFunc{"/": to("/a", "one=1"), "/a": says(200, "a page")},
			want: got{
				303, "/a", "", "/",
				[]string{"one=1"},
				[]string{"GET / gone=1; old=1", "GET /a gone=1; old=1; one=1"},
			},
		},
		"so is a failure, which can be tried again there": {
			answers: map[string]http.HandlerFunc{"/": to("/a"), "/a": to("/b", "two=2"), "/b": says(503, "busy")},
			want: got{
				303, "/b", "", "/a",
				[]string{"two=2"},
				[]string{"GET / gone=1; old=1", "GET /a gone=1; old=1", "GET /b gone=1; old=1; two=2"},
			},
		},
		"a page that wants the browser itself sends it there": {
			answers: map[string]http.HandlerFunc{"/": to("/a?x=1"), "/a": func(w http.ResponseWriter, r *http.Request) {
				if !Passing(r.Context()) {
					t.Error("the page does not know that nobody sees it")
				}
				to(r.RequestURI)(w, r)
			}},
			want: got{303, "/a?x=1", "see there", "/a", nil, []string{"GET / gone=1; old=1", "GET /a?x=1 gone=1; old=1"}},
		},
		"a form that goes to an application by a script is made once": {
			answers: map[string]http.HandlerFunc{"/": to("/oauth2/auth", "one=1"), "/oauth2/auth": says(200, "a form")},
			want: got{
				200, "", "a form", "/oauth2/auth",
				[]string{"one=1", "page=1"},
				[]string{"GET / gone=1; old=1", "GET /oauth2/auth gone=1; old=1; one=1"},
			},
		},
		"a circle ends at the browser": {
			answers: map[string]http.HandlerFunc{"/": to("/a"), "/a": to("/b"), "/b": to("/a")},
			want: got{303, "/a", "", "/b", nil, append([]string{"GET / gone=1; old=1"}, strings.Split(strings.TrimSuffix(
				strings.Repeat("GET /a gone=1; old=1|GET /b gone=1; old=1|", longest/2), "|"), "|")...)},
		},
		"an address is that of the step that names it": {
			answers: map[string]http.HandlerFunc{"/": to("/a/b"), "/a/b": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "page?x=1")
				w.WriteHeader(http.StatusFound)
			}},
			want: got{302, "/a/page?x=1", "", "/a/b", nil, []string{"GET / gone=1; old=1", "GET /a/b gone=1; old=1"}},
		},
		"a handler that says nothing said 200": {
			answers: map[string]http.HandlerFunc{"/": func(http.ResponseWriter, *http.Request) {}},
			want:    got{200, "", "", "/", nil, []string{"GET / gone=1; old=1"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			next := &asked{answers: tt.answers}
			h := New(origin, next, func(u *url.URL) bool { return !strings.HasSuffix(u.Path, "/page") })
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://id.example/", http.NoBody)
			r.Header = http.Header{"Cookie": {"gone=1; old=1"}, "Sec-Fetch-Mode": {"navigate"}}
			if tt.change != nil {
				tt.change(r)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			res := w.Result()
			defer res.Body.Close()
			have := got{res.StatusCode, res.Header.Get("Location"), w.Body.String(), res.Header.Get("X-Step"), res.Header["Set-Cookie"], next.got}
			if diff := cmp.Diff(tt.want, have); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatTheFormBroughtStaysBehind(t *testing.T) {
	next := http.NewServeMux()
	next.HandleFunc("POST /", to("/a"))
	next.HandleFunc("GET /a", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || len(r.PostForm) > 0 || r.Form.Get("a") != "" || r.ContentLength != 0 {
			t.Errorf("got %v %d (%v), want nothing of the form", r.Form, r.ContentLength, err)
		}
		for _, name := range []string{"Origin", "Content-Type", "Content-Length"} {
			if got := r.Header.Get(name); got != "" {
				t.Errorf("%s: got %q", name, got)
			}
		}
		to("/b")(w, r)
	})
	h := New(&url.URL{Scheme: "https", Host: "id.example"}, next, func(u *url.URL) bool { return u.Path == "/a" })
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://id.example/", strings.NewReader("a=b"))
	for name, value := range map[string]string{
		"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin", "Origin": "https://id.example",
		"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "3",
	} {
		r.Header.Set(name, value)
	}
	if err := r.ParseForm(); err != nil { // as those in front may have
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Header().Get("Location"); got != "/b" {
		t.Errorf("got %q", got)
	}
}

func TestCookiesHavePaths(t *testing.T) {
	for name, tt := range map[string]struct {
		set, want string
	}{
		"everywhere":            {"a=2; Path=/", "a=2"},
		"at the path":           {"a=2; Path=/oauth2/auth", "a=2"},
		"above it":              {"a=2; Path=/oauth2", "a=2"},
		"beside it":             {"a=2; Path=/oauth", "a=1"},
		"below it":              {"a=2; Path=/oauth2/auth/x", "a=1"},
		"of the folder without": {"a=2", "a=1"},
		"one that has expired":  {"a=2; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", ""},
		"a quoted value":        {`a="2 3"; Path=/`, `a="2 3"`},
		"no cookie at all":      {";;", "a=1"},
	} {
		t.Run(name, func(t *testing.T) {
			h := http.Header{"Cookie": {"a=1"}}
			carry(h, "/self-service/login", "/oauth2/auth", []string{tt.set})
			if got := h.Get("Cookie"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
