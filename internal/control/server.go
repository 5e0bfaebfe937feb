package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"example.com/identityd/internal/socket"
)

// FileName is the socket's name in the data folder.
const FileName = "control.sock"

// Path is where the socket of a data folder is.
func Path(dataDir string) string { return filepath.Join(dataDir, FileName) }

// Route is one thing that can be asked. Path may have wildcards, as http.ServeMux spells them.
type Route struct {
	Method, Path string
	Handler      http.Handler
}

// Listen binds the socket of a data folder, and makes the folder where it is missing. careful is what a
// person should know about the folder; empty is nothing. refused is told of users who were hung up on.
func Listen(ctx context.Context, dataDir string, refused func(uid int)) (ln net.Listener, careful string, err error) {
	if !socket.Private {
		return nil, "", fmt.Errorf("a socket cannot be kept to one user on this system: %w", errors.ErrUnsupported)
	}
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return nil, "", fmt.Errorf("making data folder: %w", err)
	}
	careful = socket.Folder(dataDir)
	if careful != "" && !socket.Tells {
		return nil, "", errors.New(careful)
	}
	ln, err = socket.Listen(ctx, Path(dataDir), socket.Options{Mode: 0o600, SameUser: true, Refused: refused})
	return ln, careful, err
}

// Handler serves the routes. What it says about mistakes has the form of the engines' errors.
func Handler(routes ...Route) http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.Method+" "+r.Path, r.Handler)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			Refuse(w, http.StatusNotFound, "The identityd that runs here knows no "+r.Method+" "+r.URL.Path+".")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// JSON answers with v.
func JSON(w http.ResponseWriter, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	// The client may be gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(v)
}

type failure struct {
	Error struct {
		Code   int    `json:"code"`
		Status string `json:"status"`
		Reason string `json:"reason"`
		// Request is the id that the log has.
		Request string `json:"request,omitempty"`
	} `json:"error"`
}

// Refuse answers with an error.
func Refuse(w http.ResponseWriter, code int, reason string) {
	var f failure
	f.Error.Code, f.Error.Status, f.Error.Reason = code, http.StatusText(code), reason
	h := w.Header()
	f.Error.Request = h.Get("X-Request-Id")
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(f) // as in JSON
}

// missing reports that nothing is at the socket's path.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
