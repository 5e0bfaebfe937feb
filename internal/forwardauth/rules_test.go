package forwardauth

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// protectedApp is an application with a public part, one for administrators, and the rest for who is signed in.
func protectedApp() Rules {
	return Rules{
		{Host: "app.example.com", Paths: []string{"/public", "/assets/logo"}, Public: true},
		{Host: "app.example.com", Paths: []string{"/admin"}, Groups: []string{"admins"}},
		{Host: "app.example.com", Paths: []string{"/second"}, Second: true},
		{Host: "app.example.com"},
		{Host: "narrow.example.com", Paths: []string{"/a b/ü/"}},
	}
}

// verdict names the rules that decide.
func verdict(l Rules, host, uri string) string {
	rules, ok := l.deciding(Asked{Scheme: "https", Host: host, URI: uri})
	if !ok {
		return "nobody"
	}
	var out []string
	for _, r := range rules {
		switch {
		case r.Public:
			out = append(out, "everybody")
		case len(r.Groups) > 0:
			out = append(out, strings.Join(r.Groups, "|"))
		default:
			out = append(out, "signed in")
		}
	}
	slices.Sort(out)
	return strings.Join(out, " & ")
}

func TestEachWayToReadAPathIsAsked(t *testing.T) {
	got, want := map[string]string{}, map[string]string{
		"/":                          "signed in",
		"/public":                    "everybody",
		"/public/":                   "everybody",
		"/public/x?y=/admin":         "everybody",
		"/publicity":                 "signed in",
		"/assets/logo/a.svg":         "everybody",
		"/assets/other":              "signed in",
		"/admin":                     "admins",
		"/admin/":                    "admins",
		"/admin/users?x=..":          "admins",
		"/administrator":             "signed in",
		"/%61dmin":                   "admins",
		"/adm%69n/x":                 "admins",
		"/public/..%2fadmin":         "admins & everybody",
		"/public/../admin":           "admins & everybody",
		"/public/%2e%2e/admin":       "admins & everybody",
		"/public/%2E%2E%2Fadmin":     "admins & everybody",
		"/public/.%2e/admin":         "admins & everybody",
		"/public/%252e%252e/admin":   "admins & everybody",
		"/public/..;/admin":          "admins & everybody",
		"/public/..;x=y/admin":       "admins & everybody",
		`/public/..\admin`:           "admins & everybody",
		"/public/..%5cadmin":         "admins & everybody",
		"/public//../admin":          "admins & everybody",
		"/public/./x":                "everybody",
		"/PUBLIC":                    "everybody & signed in",
		"/Admin":                     "admins & signed in",
		"/ADMIN/x":                   "admins & signed in",
		"//admin":                    "admins & signed in",
		"/./admin":                   "admins & signed in",
		"/x/../admin":                "admins & signed in",
		"/admin;jsessionid=1":        "admins & signed in",
		"/admin%3bx":                 "admins & signed in",
		"/admin%3Fx":                 "admins & signed in",
		"/admin%23x":                 "admins & signed in",
		"/admin/../public":           "admins & everybody",
		"/%2561dmin":                 "admins & signed in",
		"/x/admin":                   "signed in",
		"/x%2fadmin":                 "signed in",
		"/a%00b":                     "nobody",
		"/public/%0d%0a":             "nobody",
		"/public/%c0%ae%c0%ae/admin": "nobody",
		"/public/%zz":                "nobody",
		"/%25252525252561dmin":       "nobody",
	}
	for uri := range want {
		got[uri] = verdict(protectedApp(), "app.example.com", uri)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Some servers take an encoded slash, dot or semicolon for a letter of a name when they resolve a path, as the parser
// of browsers and of Node does, or Apache with AllowEncodedSlashes NoDecode; and some decode what is only partly encoded.
func TestWhatIsEncodedMayBeALetter(t *testing.T) {
	for _, uri := range []string{
		"/public%2fx/../admin", "/public%2Fx/%2e%2e/admin", "/public/x%2f/../../admin", "/public%5cx/../admin",
		"/public%252fx/%252e%252e/admin", "/public/../admin/%2e%2e/public", "/public/%252e%252e/admin/%25",
		"/public%2fx/..;/admin", `/public%2fx\..\admin`, `/public%2fx/..%5cadmin`, `/public%5cx\..\admin`, "/public%2f%2f/../admin",
	} {
		if got := verdict(protectedApp(), "app.example.com", uri); !strings.Contains(got, "admins") {
			t.Errorf("%s: got %s, want admins among them", uri, got)
		}
	}
	if got, want := verdict(protectedApp(), "app.example.com", "/public%2fx"), "everybody & signed in"; got != want {
		t.Errorf("a name with a slash in it: got %s, want %s", got, want)
	}
}

func TestWhatNoRuleFitsIsRefused(t *testing.T) {
	got, want := map[string]string{}, map[string]string{
		"other.example.com/":               "nobody",
		"narrow.example.com/":              "nobody",
		"narrow.example.com/a%20b/%C3%BC":  "signed in",
		"narrow.example.com/a%20b/%C3%9C":  "nobody", // in one way only
		"narrow.example.com/a%20b/%C3%BC/": "signed in",
		"narrow.example.com/a%20b":         "nobody",
		"narrow.example.com/x/../a%20b/ü":  "nobody",
	}
	for at := range want {
		host, path, _ := strings.Cut(at, "/")
		got[at] = verdict(protectedApp(), host, "/"+path)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzReadings(f *testing.F) {
	for _, seed := range []string{"/", "/a/../b", "/%2e%2e/%2fadmin", "//a;b/..;/c", `/a\..\b`, "/%252e"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		all, ok := readings(path)
		if !ok {
			return
		}
		if len(all) == 0 || len(all) > mostReadings {
			t.Fatalf("%q is read in %d ways", path, len(all))
		}
		for _, p := range all {
			if !strings.HasPrefix(p, "/") {
				t.Errorf("%q is read as %q", path, p)
			}
		}
	})
}
