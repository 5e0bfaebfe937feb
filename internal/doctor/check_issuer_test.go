package doctor

import (
	"fmt"
	"net/http"
	"testing"
)

// issuing answers as an issuer: with a name, and keys.
func issuing(name func(string) string, kid string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		us := "http://" + r.Host
		switch r.URL.Path {
		case "/.well-known/openid-configuration":
			fmt.Fprintf(w, `{"issuer": %q, "jwks_uri": %q}`, name(us), us+"/.well-known/jwks.json")
		case "/.well-known/jwks.json":
			fmt.Fprintf(w, `{"keys": [{"kid": %q}]}`, kid)
		default:
			http.NotFound(w, r)
		}
	}
}

func itself(us string) string { return us }

func TestIssuer(t *testing.T) {
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		l       Level
		text    string
	}{
		"one that answers as itself":  {issuing(itself, "ours"), OK, "answers as itself, with our keys"},
		"one that answers as another": {issuing(func(string) string { return "https://other.example.com" }, "ours"), Fault, `answers as another, "https://other.example.com"`},
		"one with a slash too many":   {issuing(func(us string) string { return us + "/" }, "ours"), Fault, "answers as another"},
		"one with other keys":         {issuing(itself, "theirs"), Fault, "other keys than this database"},
		"one without keys": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/.well-known/jwks.json" {
				issuing(itself, "")(w, r)
			}
		}, Fault, "there are no keys"},
		"a proxy that finds nobody":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, Fault, "answers 502"},
		"a proxy that passes little on": {http.NotFound, Fault, "answers 404"},
		"a page in its place":           {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>welcome</html>") }, Fault, "is no issuer"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://id.example.com"+r.URL.Path, http.StatusMovedPermanently)
		}, Fault, "redirects to https://id.example.com, which"},
	} {
		t.Run(name, func(t *testing.T) {
			s := running(written(t, "profile: development\n"), serving(t, tt.handler))
			kept(t, s, "ours", nil)
			wants(t, look(t, s, issuerAnswers()), tt.l, tt.text)
		})
	}
}

func TestAnIssuerThatNobodyReaches(t *testing.T) {
	s := running(written(t, "profile: development\n"), "http://"+closedPort(t))
	wants(t, look(t, s, issuerAnswers()), Fault, "cannot be reached from here: nothing listens there")

	// Where nothing runs, another replica may answer, or nobody.
	stopped := inProduction(t, "origin: http://"+closedPort(t)+"\n")
	wants(t, look(t, stopped, issuerAnswers()), Skipped, "no identityd runs")
}

func TestAnIssuerIsKnownWithoutTheDatabase(t *testing.T) {
	s := running(written(t, "profile: development\n"), serving(t, issuing(itself, "ours")))
	wants(t, look(t, s, issuerAnswers()), OK, "the database did not say")
}
