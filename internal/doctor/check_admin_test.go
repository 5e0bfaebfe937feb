package doctor

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

func TestAdminListeners(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	proven := "admin: {token_file: " + token + "}\n"
	for name, tt := range map[string]struct {
		more string
		l    Level
		text string
	}{
		"loopback":                          {"", OK, "ask who is there"},
		"off":                               {"listen: {hydra_admin: 'off', kratos_admin: 'off'}\n", OK, "ask who is there"},
		"open to all":                       {"listen: {hydra_admin: ':4445'}\nadmin: {allow_unauthenticated: true}\n", Fault, "whoever reaches listen.hydra_admin at :4445 owns every account"},
		"allowed, and not needed":           {"admin: {allow_unauthenticated: true}\n", Warning, "no admin listener needs it"},
		"a token over a network":            {"listen: {kratos_admin: '10.0.0.1:4434'}\n" + proven, Warning, "listen.kratos_admin: tokens go to 10.0.0.1:4434 without encryption"},
		"metrics for all":                   {"listen: {ops: ':4437'}\n", Warning, "listen.ops: :4437 shows metrics"},
		"metrics in a network of one's own": {"listen: {ops: '10.0.0.1:4437'}\n", OK, "ask who is there"},
	} {
		t.Run(name, func(t *testing.T) { wants(t, look(t, inProduction(t, good+tt.more), adminListeners()), tt.l, tt.text) })
	}
	t.Run("open without a word is a fault of the file", func(t *testing.T) {
		s := inProduction(t, good+"listen: {hydra_admin: ':4445'}\n")
		wants(t, look(t, s, configuration()), Fault, "listen.hydra_admin: must be a loopback address")
	})
}

func TestAdminOutside(t *testing.T) {
	answering := func(path, kind, body string, status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != path {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		l       Level
		text    string
	}{
		"nothing there":                         {http.NotFound, OK, "are not reached"},
		"the clients for everybody":             {answering("/admin/clients", "application/json", "[]", 200), Fault, "/admin/clients answers: everybody owns every account"},
		"the people for everybody":              {answering("/identities", "application/json; charset=utf-8", `[{"id":"1"}]`, 200), Fault, "/identities answers"},
		"a page for every path":                 {answering("/admin/clients", "text/html", "<html>", 200), OK, "are not reached"},
		"an admin listener that asks for proof": {answering("/admin/clients", "application/json", `{"error":{"reason":"admin token missing"}}`, 401), Warning, "a token is all that keeps strangers out"},
		"the metrics":                           {answering("/metrics", "text/plain", "identityd_build_info 1\n", 200), Warning, "shows the metrics to everybody"},
	} {
		t.Run(name, func(t *testing.T) {
			s := running(written(t, "profile: development\n"), serving(t, tt.handler))
			wants(t, look(t, s, adminOutside()), tt.l, tt.text)
		})
	}
	wants(t, look(t, running(written(t, "profile: development\n"), "http://"+closedPort(t)), adminOutside()), Skipped, "nobody answers")
}
