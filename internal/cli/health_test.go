package cli

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func outcome(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = Main(args, &out, &err)
	return code, out.String(), err.String()
}

func TestHealthTellsWhatItFound(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/", "/ready": // as the ops listener, whose root lists the paths
			_, _ = w.Write([]byte(`{"status":"ok"}`))
		case "/starting", "/health/ready":
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"errors":{"startup":"migrating","hydra":"no database"}}`))
		case "/moved":
			http.Redirect(w, r, "/ready", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	const closed = "http://127.0.0.1:1" // a port that was free a moment ago may be somebody else's
	for name, tt := range map[string]struct {
		url, stdout, stderr string
		code                int
	}{
		"ready":                   {server.URL + "/ready", "ready\n", "", 0},
		"not ready":               {server.URL + "/starting", "", "not ready: hydra: no database; startup: migrating", 1},
		"no path":                 {server.URL, "", "not ready: hydra: no database; startup: migrating", 1},
		"a root":                  {server.URL + "/", "", "not ready: hydra: no database; startup: migrating", 1},
		"another page":            {server.URL + "/other", "", "answers 404 Not Found", 1},
		"a redirect":              {server.URL + "/moved", "", "answers 302 Found", 1},
		"nobody":                  {closed, "", "no answer from " + closed + "/health/ready: dial", 1},
		"no socket":               {"unix:/nowhere.sock", "", "no answer from unix:/nowhere.sock: dial unix /nowhere.sock: connect: no such file or directory; start identityd", 1},
		"no address":              {"localhost:4437", "", "--url wants an http or https URL", 2},
		"a socket without a path": {"unix:", "", "wants the path of a socket", 2},
		"a password":              {"http://me:hunter2@" + strings.TrimPrefix(closed, "http://"), "", "no answer from http://me:xxxxx@", 1},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := outcome("health", "--url", tt.url)
			if code != tt.code || stdout != tt.stdout || !strings.Contains(stderr, tt.stderr) || (tt.stderr == "" && stderr != "") {
				t.Errorf("got %d, %q, %q; want %d, %q, %q", code, stdout, stderr, tt.code, tt.stdout, tt.stderr)
			}
			if strings.Contains(stderr, "hunter2") {
				t.Errorf("got %q, which holds a password", stderr)
			}
		})
	}
}

func TestHealthAsksASocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ops.sock")
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health/ready" {
			http.NotFound(w, r)
		}
	})}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	if code, stdout, stderr := outcome("health", "--url", "unix:"+path); code != 0 || stdout != "ready\n" {
		t.Errorf("got %d, %q, %q; want 0 and ready", code, stdout, stderr)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("got %v, want the server closed", err)
	}
}
