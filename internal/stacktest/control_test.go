package stacktest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/tried"
)

// TestSockets starts a stack whose one admin listener is a socket and whose other one is off, and comes
// in by that socket and by the control socket. Where they were is what killed processes leave.
func TestSockets(t *testing.T) {
	notOnStandIn(t, onSQLite)
	folder := t.TempDir()
	admin := filepath.Join(folder, "hydra.sock")
	for _, path := range []string{admin, control.Path(folder)} {
		leaveSocket(t, path)
	}
	s := Start(t, Set("data_dir", folder), Set("listen.hydra_admin", "unix:"+admin), Set("listen.kratos_admin", "off"))
	door, err := control.Dial(folder)
	if err != nil {
		t.Fatal(err)
	}

	t.Run("both belong to one user", func(t *testing.T) {
		for _, path := range []string{admin, control.Path(folder)} {
			info, err := os.Lstat(path)
			if err != nil || info.Mode() != fs.ModeSocket|0o600 {
				t.Errorf("%s: got %v, %v, want a socket of 0600", path, info.Mode(), err)
			}
		}
	})

	t.Run("the running process says how it is", func(t *testing.T) {
		var got stack.ProcessStatus
		if err := door.Call(t.Context(), "GET", "/status", nil, &got); err != nil {
			t.Fatal(err)
		}
		if got.PID != os.Getpid() || !got.Ready || got.Version != "test" || got.Listeners["hydra_admin"] != admin ||
			got.Listeners["control"] != control.Path(folder) || got.URLs["hydra"] != s.URLs.Hydra {
			t.Errorf("got %+v", got)
		}
		for janitor := time.Now().Add(time.Minute); got.Runtime.Janitor == nil && time.Now().Before(janitor); {
			if err := door.Call(t.Context(), "GET", "/status", nil, &got); err != nil {
				t.Fatal(err)
			}
		}
		if got.Runtime.Janitor == nil || !got.Runtime.Janitor.Running || got.Runtime.Now.IsZero() || got.Runtime.Waiting == nil {
			t.Errorf("got %+v, want a janitor that runs, and the time", got.Runtime)
		}
	})

	t.Run("both admin APIs are behind the control socket, without a token", func(t *testing.T) {
		var made struct {
			ID string `json:"client_id"`
		}
		if err := door.Call(t.Context(), "POST", "/hydra/admin/clients", map[string]string{"client_name": "by socket"}, &made); err != nil {
			t.Fatal(err)
		}
		var people []any
		if err := door.Call(t.Context(), "GET", "/kratos/admin/identities", nil, &people); err != nil {
			t.Fatal(err)
		}
		client := http.Client{Transport: overSocket(admin)}
		if status, body := fetch(t, &client, "GET", "http://hydra/admin/clients/"+made.ID, ""); status != 200 || !strings.Contains(body, "by socket") {
			t.Errorf("at the admin socket: got %d %s, want the client", status, body)
		}
		want := fmt.Sprintf(`"by":"control socket uid=%d"`, os.Geteuid())
		if !strings.Contains(s.Log.String(), want) {
			t.Errorf("got no line of the change with %s", want)
		}
	})

	t.Run("what a browser sends is refused at both", func(t *testing.T) {
		for name, c := range map[string]struct {
			rt   http.RoundTripper
			base string
		}{
			"admin socket":            {overSocket(admin), "http://hydra/admin/clients"},
			"control socket":          {door.Transport(), control.Base + "/status"},
			"hydra by control socket": {door.Transport(), control.Base + "/hydra/admin/clients"},
		} {
			client := http.Client{Transport: c.rt}
			for header, want := range map[string]int{
				"Origin: https://evil.example": 403, "Sec-Fetch-Site: cross-site": 403,
				"Content-Type: text/plain": 415, "Content-Type: multipart/form-data; boundary=x": 415,
			} {
				got, _ := fetch(t, &client, "POST", c.base, "{}", header)
				if got != want {
					t.Errorf("%s, %s: got %d, want %d", name, header, got, want)
				}
				tried.Report(t, "a page's request at the "+name+" ("+header+")", "%d", got)
			}
		}
	})

	t.Run("a body that is too long is refused before it is sent", func(t *testing.T) {
		client := http.Client{Transport: overSocket(control.Path(folder))}
		status, _ := fetch(t, &client, "POST", control.Base+"/hydra/admin/clients", strings.Repeat(" ", 11<<20),
			"Content-Type: application/json", "Expect: 100-continue")
		if status != 413 {
			t.Errorf("got %d, want 413", status)
		}
	})

	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{admin, control.Path(folder)} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %v, want it removed", path, err)
		}
	}
	var not *control.NotRunningError
	if _, err := control.Dial(folder); !errors.As(err, &not) {
		t.Errorf("got %v, want that nobody serves", err)
	}
}

// leaveSocket leaves what a killed process does.
func leaveSocket(t *testing.T, path string) {
	t.Helper()
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	ln.SetUnlinkOnClose(false)
	_ = ln.Close()
}

func overSocket(path string) http.RoundTripper {
	return &http.Transport{DisableKeepAlives: true, ExpectContinueTimeout: time.Minute, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
}

// fetch sends "Name: value" headers along and returns the status and the body.
func fetch(t *testing.T, client *http.Client, method, address, body string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range headers {
		name, value, _ := strings.Cut(each, ": ")
		req.Header.Add(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}
