package forwardauth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

const (
	page    = "Accept: text/html,application/xhtml+xml"
	signIn  = "https://id.example.com/login?"
	someone = "9f425a8d-7efc-4768-8f23-7647a74fdf13"
)

// world is who is signed in.
type world struct {
	session  *identity.Session
	err      error
	claims   map[string]any
	verified bool
	second   bool
	has      bool
	lost     bool // nobody knows who has a second step
	by       string
}

func (o world) ask(t *testing.T, a Asked, lines ...string) *httptest.ResponseRecorder {
	t.Helper()
	var told, sentence string
	h := New(Config{
		Told: func(_ context.Context, word, of string) { told, sentence = word, of },
		Log:  slog.New(slog.DiscardHandler), Rules: protectedApp(), Pages: "https://id.example.com", Enroll: "https://id.example.com/enroll",
		Session:  func(context.Context, string) (*identity.Session, error) { return o.session, o.err },
		Claims:   func(identity.Identity) map[string]any { return o.claims },
		Verified: o.verified, Second: o.second, HasSecond: func(context.Context, string) (bool, error) {
			if o.lost {
				return false, errors.New("away")
			}
			return o.has, nil
		},
		Refuse: func(w http.ResponseWriter, _ *http.Request, why Refusal) {
			w.Header().Set("X-Why", map[Reason]string{NotIn: "not in", NoSecond: "no second", Unverified: "unverified"}[why.Reason]+" "+why.Mend)
			w.WriteHeader(http.StatusForbidden)
		},
	})
	r := httptest.NewRequest(http.MethodGet, Path, nil)
	if o.by != "" {
		r.Method = o.by
	}
	r.Header = headers(lines...)
	if a.Host != "" {
		r = r.WithContext(With(r.Context(), a))
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("got Cache-Control %q, want none stored", got)
	}
	if (w.Code == http.StatusForbidden) != (told != "") {
		t.Errorf("answered %d, and told why by %q", w.Code, told)
	}
	if of := map[string]string{"no_rule": "the host is " + a.Host, "not_in_group": a.Host + " is for the groups admins"}[told]; sentence != of {
		t.Errorf("told why by the sentence %q, want %q", sentence, of)
	}
	for where, word := range map[string]string{"not in ": "not_in_group", "no second": "second_step", "unverified": "unverified"} {
		if strings.HasPrefix(w.Header().Get("X-Why"), where) && told != word {
			t.Errorf("told why by %q, want %q", told, word)
		}
	}
	if a.Host == "" && told != "untrusted" {
		t.Errorf("told why by %q, want untrusted", told)
	}
	return w
}

func at(uri string) Asked {
	return Asked{Scheme: "https", Host: "app.example.com", URI: uri, Method: http.MethodGet}
}

func TestAnswers(t *testing.T) {
	anna := world{
		session: &identity.Session{AAL: "aal1", Identity: identity.Identity{ID: someone, Traits: map[string]any{"email": "anna@example.com"}}},
		claims:  map[string]any{"email": "anna@example.com", "email_verified": true, "name": "Anna", "groups": []any{"staff", "a,b", "büro"}},
	}
	with := func(change func(*world)) world { o := anna; change(&o); return o }
	nobody := world{err: &identity.Error{Code: identity.NoSession}}
	post, nginx := at("/"), at("/x?y=1")
	post.Method, nginx.Status = http.MethodPost, true
	for name, tt := range map[string]struct {
		who   world
		asked Asked
		lines []string
		want  string // status and what says the rest
	}{
		"who is signed in goes on":                 {anna, at("/"), nil, "200 user"},
		"nobody is sent to sign in":                {nobody, at("/x?y=1"), []string{page}, "302 " + signIn + "return_to=https%3A%2F%2Fapp.example.com%2Fx%3Fy%3D1"},
		"nobody's program is told":                 {nobody, at("/"), []string{"Accept: application/json"}, "401"},
		"nobody's form is told":                    {nobody, post, []string{page}, "401"},
		"nobody's script is told":                  {nobody, at("/"), []string{page, "Sec-Fetch-Mode: cors"}, "401"},
		"nobody's frame is told":                   {nobody, at("/"), []string{page, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"}, "401"},
		"nobody's request of a script is told":     {nobody, at("/"), []string{page, "X-Requested-With: XMLHttpRequest"}, "401"},
		"nobody's socket is told":                  {nobody, at("/"), []string{page, "Upgrade: websocket"}, "401"},
		"nginx is told by a status, and where to":  {nobody, nginx, []string{page}, "401 " + signIn + "return_to=https%3A%2F%2Fapp.example.com%2Fx%3Fy%3D1"},
		"nobody sees what is public":               {nobody, at("/public/x"), nil, "200"},
		"who is half signed in sees it too":        {world{err: &identity.Error{Code: identity.AALRequired}}, at("/public"), nil, "200"},
		"but takes the second step for the rest":   {world{err: &identity.Error{Code: identity.AALRequired}}, at("/"), []string{page}, "302 " + signIn + "aal=aal2&return_to=https%3A%2F%2Fapp.example.com%2F"},
		"nobody bends what is public":              {nobody, at("/public/..%2fadmin"), []string{page}, "302 " + signIn + "return_to=https%3A%2F%2Fapp.example.com%2Fpublic%2F..%252fadmin"},
		"who is in no group that may is shown it":  {anna, at("/admin"), []string{page}, "403 not in "},
		"a program of theirs is told":              {anna, at("/admin"), nil, "403"},
		"who is in one goes on":                    {with(func(o *world) { o.claims = map[string]any{"groups": []any{"admins"}} }), at("/admin"), nil, "200 user"},
		"a group of another case is another":       {with(func(o *world) { o.claims = map[string]any{"groups": []any{"Admins"}} }), at("/admin"), nil, "403"},
		"an address that is not verified":          {with(func(o *world) { o.verified = true }), at("/"), []string{page}, "403 unverified https://id.example.com/verification"},
		"but what is public is public to it too":   {with(func(o *world) { o.verified = true }), at("/public"), []string{page}, "200 user"},
		"and takes no second step":                 {with(func(o *world) { o.second = true }), at("/public"), []string{page}, "200 user"},
		"a rule may ask for a second step":         {with(func(o *world) { o.has = true }), at("/second"), []string{page}, "302 " + signIn + "aal=aal2&return_to=https%3A%2F%2Fapp.example.com%2Fsecond"},
		"who took it goes on":                      {with(func(o *world) { s := *o.session; s.AAL = "aal2"; o.session = &s }), at("/second"), []string{page}, "200 user"},
		"nobody knows who has one":                 {with(func(o *world) { o.lost = true }), at("/second"), []string{page}, "503"},
		"a proxy that posts":                       {with(func(o *world) { o.by = http.MethodPost }), at("/"), []string{page}, "405"},
		"a second step that is asked of everybody": {with(func(o *world) { o.second, o.has = true, true }), at("/"), []string{page}, "302 " + signIn + "aal=aal2&return_to=https%3A%2F%2Fapp.example.com%2F"},
		"one that is not set up":                   {with(func(o *world) { o.second = true }), at("/"), []string{page}, "403 no second https://id.example.com/enroll"},
		"a database that is away lets nobody in":   {world{err: errors.New("away")}, at("/public"), []string{page}, "503"},
		"a host that nobody named":                 {anna, Asked{Scheme: "https", Host: "other.example.com", URI: "/"}, []string{page}, "403"},
		"who is no proxy":                          {anna, Asked{}, []string{page}, "403"},
		"a path that nobody can read in one way":   {anna, at("/%00"), []string{page}, "403"},
	} {
		t.Run(name, func(t *testing.T) {
			w := tt.who.ask(t, tt.asked, append(tt.lines, "Remote-User: admin", "Remote-Groups: admins")...)
			got := strings.Fields(http.StatusText(0) + " " + w.Result().Status)[0]
			switch {
			case w.Header().Get("X-Why") != "":
				got += " " + w.Header().Get("X-Why")
			case w.Header().Get("Location") != "":
				got += " " + w.Header().Get("Location")
			case w.Header().Get(HeaderUser) == someone:
				got += " user"
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if w.Code == http.StatusUnauthorized && !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Session ") {
				t.Errorf("got WWW-Authenticate %q", w.Header().Get("WWW-Authenticate"))
			}
			if w.Code != http.StatusOK && w.Header().Get(HeaderUser) != "" {
				t.Error("it names somebody who is not let in")
			}
		})
	}
}

func TestAHostThatNobodyNamedIsWarnedOfOnce(t *testing.T) {
	var log bytes.Buffer
	h := New(Config{Log: slog.New(slog.NewTextHandler(&log, nil)), Rules: protectedApp()})
	ask := func(host string) {
		r := httptest.NewRequest(http.MethodGet, Path, nil)
		h.ServeHTTP(httptest.NewRecorder(), r.WithContext(With(r.Context(), Asked{Scheme: "https", Host: host, URI: "/"})))
	}
	for range 3 {
		ask("other.example.com")
	}
	if got := strings.Count(log.String(), "host=other.example.com"); got != 1 {
		t.Errorf("got %d lines, want 1", got)
	}
	for i := range 1000 { // a proxy may pass on whatever a browser makes up
		ask(fmt.Sprintf("a%d.example.org", i))
	}
	if got := strings.Count(log.String(), "\n"); got > 101 {
		t.Errorf("got %d lines of hosts that were made up", got)
	}
}

func TestWhatAnApplicationIsTold(t *testing.T) {
	for name, tt := range map[string]struct {
		claims map[string]any
		want   map[string]string
	}{
		"everything": {
			map[string]any{"email": "a@b.c", "email_verified": true, "name": "Anna", "groups": []any{"staff", "on call"}},
			map[string]string{HeaderUser: someone, HeaderEmail: "a@b.c", HeaderName: "Anna", HeaderGroups: "staff,on call"},
		},
		"no name that fills the headers": {
			map[string]any{"name": strings.Repeat("ü", 101)},
			map[string]string{HeaderUser: someone, HeaderEmail: "", HeaderName: "", HeaderGroups: ""},
		},
		"nothing, in empty headers": {nil, map[string]string{HeaderUser: someone, HeaderEmail: "", HeaderName: "", HeaderGroups: ""}},
		"no address that is not verified": {
			map[string]any{"email": "a@b.c", "email_verified": false},
			map[string]string{HeaderUser: someone, HeaderEmail: "", HeaderName: "", HeaderGroups: ""},
		},
		"no break of a line, no group that reads as two, other letters encoded": {
			map[string]any{
				"email": "a@b.c\r\nRemote-User: admin", "email_verified": true, "name": "Jürgen\r\nRemote-Groups: admins",
				"groups": []any{"a,admins", "b\r\nx", "büro", " lead", "", 5, "fine"},
			},
			map[string]string{
				HeaderUser: someone, HeaderEmail: "", HeaderName: "=?utf-8?q?J=C3=BCrgen=0D=0ARemote-Groups:_admins?=", HeaderGroups: "fine",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := world{session: &identity.Session{Identity: identity.Identity{ID: someone}}, claims: tt.claims}
			w := o.ask(t, at("/"), "Remote-User: admin")
			got := map[string]string{}
			for _, name := range []string{HeaderUser, HeaderEmail, HeaderName, HeaderGroups} {
				if _, there := w.Header()[name]; !there {
					t.Errorf("%s is missing: a proxy would pass on what a browser made up", name)
				}
				got[name] = w.Header().Get(name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
