package certs_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.com/identityd/internal/certs"
	"example.com/identityd/internal/certs/certtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// logBuffer is a log that tests read while others write.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func newLog() (*slog.Logger, *logBuffer) {
	b := &logBuffer{}
	return slog.New(slog.NewTextHandler(b, nil)), b
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// count returns how often the log says s.
func (b *logBuffer) count(s string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.buf.String(), s)
}

// files is a certificate and a key on disk.
type files struct{ cert, key string }

func newFiles(t *testing.T, p certtest.Pair) files {
	t.Helper()
	dir := t.TempDir()
	f := files{cert: filepath.Join(dir, "tls.crt"), key: filepath.Join(dir, "tls.key")}
	f.write(t, p)
	return f
}

// write replaces the files as careful tools do: by renaming, the key last.
func (f files) write(t *testing.T, p certtest.Pair) {
	t.Helper()
	replace(t, f.cert, p.Cert)
	replace(t, f.key, p.Key)
}

func replace(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, f files) (*certs.Reloader, *logBuffer) {
	t.Helper()
	log, buf := newLog()
	r, err := certs.Open(f.cert, f.key, log)
	if err != nil {
		t.Fatal(err)
	}
	return r, buf
}

func serve(t *testing.T, config *tls.Config) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		TLSConfig: config, ReadHeaderTimeout: 10 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Protocol", r.Proto)
		}),
	}
	done := make(chan error, 1)
	go func() { done <- server.ServeTLS(l, "", "") }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serving: %v", err)
		}
	})
	return l.Addr().String()
}

// served returns when the certificate that a new connection is shown ends.
func served(t *testing.T, addr string, a *certtest.Authority) time.Time {
	t.Helper()
	d := tls.Dialer{Config: &tls.Config{RootCAs: a.Pool(), ServerName: "localhost"}}
	c, err := d.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.(*tls.Conn).ConnectionState().PeerCertificates[0].NotAfter
}

func days(n int) time.Time { return time.Now().AddDate(0, 0, n).Truncate(time.Second).UTC() }
