//go:build unix

package control

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func serve(t *testing.T, folder string, routes ...Route) *Client {
	t.Helper()
	ln, careful, err := Listen(t.Context(), folder, nil)
	if err != nil || careful != "" {
		t.Fatalf("got %v and %q, want a listener", err, careful)
	}
	server := &http.Server{Handler: Handler(routes...), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close() })
	c, err := Dial(folder)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestACommandAsks(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data") // is made
	c := serve(
		t, folder,
		Route{"POST", "/things/{name}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			JSON(w, map[string]string{
				"name": r.PathValue("name"), "body": string(raw), "type": r.Header.Get("Content-Type"),
				"from": r.RemoteAddr,
			})
		})},
		Route{"GET", "/no", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { Refuse(w, 409, "Not today.") })},
		Route{"GET", "/odd", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", http.StatusBadGateway) })},
	)
	var got map[string]string
	if err := c.Call(t.Context(), "POST", "/things/a", map[string]int{"n": 1}, &got); err != nil {
		t.Fatal(err)
	}
	if got["name"] != "a" || got["body"] != `{"n":1}` || got["type"] != "application/json" {
		t.Errorf("got %v, want what was sent", got)
	}
	for path, want := range map[string]Error{
		"/no":      {409, "Not today."},
		"/odd":     {502, "identityd answers 502 Bad Gateway"},
		"/unknown": {404, "The identityd that runs here knows no GET /unknown."},
	} {
		var got *Error
		if err := c.Call(t.Context(), "GET", path, nil, nil); !errors.As(err, &got) || *got != want {
			t.Errorf("%s: got %v, want %v", path, err, want)
		}
	}
	if _, err := c.Stream(t.Context(), "GET", "/no", nil); err == nil || err.Error() != "Not today." {
		t.Errorf("streaming: got %v, want the refusal", err)
	}
}

func TestNobodyServes(t *testing.T) {
	folder := t.TempDir()
	var not *NotRunningError
	if _, err := Dial(folder); !errors.As(err, &not) || !strings.Contains(err.Error(), folder) {
		t.Errorf("got %v, want that nobody serves from %s", err, folder)
	}
	ln, _, err := Listen(context.WithoutCancel(t.Context()), folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(folder, "left")
	if err := os.Rename(Path(folder), left); err != nil { // what a killed process leaves
		t.Fatal(err)
	}
	ln.Close()
	if err := os.Rename(left, Path(folder)); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(folder); !errors.As(err, &not) {
		t.Errorf("got %v, want that nobody serves any more", err)
	}
}
