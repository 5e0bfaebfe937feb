package supervisor_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"example.com/identityd/internal/supervisor"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// poll waits until the condition holds.
func poll(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	bound := time.After(time.Minute)
	for !holds() {
		select {
		case <-tick.C:
		case <-bound:
			t.Fatalf("never seen: %s", what)
		}
	}
}

// TestNoRequestIsLostAtASignal has 200 requests in flight over five listeners, on kept and on new
// connections, one of them of three seconds, and clients that go on until readiness says no.
func TestNoRequestIsLostAtASignal(t *testing.T) {
	const (
		perListener = 40
		slow        = 3 * time.Second
		drain       = 2 * time.Minute // a busy machine must not decide which requests are answered
	)
	var (
		inFlight  atomic.Int64
		arrived   = make(chan struct{}) // closed when all 200 are in their handlers
		release   = make(chan struct{}) // lets them go on
		total     = int64(5 * perListener)
		readiness = supervisor.NewReadiness("")
		gate      = supervisor.NewGate(readiness)
	)
	mux := http.NewServeMux()
	hold := func(w http.ResponseWriter, r *http.Request) {
		if inFlight.Add(1) == total {
			close(arrived)
		}
		<-release
		if r.URL.Path == "/slow" {
			select {
			case <-time.After(slow):
			case <-r.Context().Done():
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
		}
		fmt.Fprint(w, "done")
	}
	mux.HandleFunc("/hold", hold)
	mux.HandleFunc("/slow", hold)
	mux.HandleFunc("/quick", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "done") })
	gate.Open(mux)
	readiness.Ready()

	signals := make(chan os.Signal, 2)
	log, logged := newLog()
	g := supervisor.New(supervisor.Config{Log: log, Signals: signals})
	var servers []supervisor.Server
	var bases []string
	for i := range 5 {
		l := listen(t)
		bases = append(bases, "http://"+l.Addr().String())
		servers = append(servers, supervisor.Server{
			Name: fmt.Sprintf("listener%d", i), Listeners: []net.Listener{l}, Handler: gate,
		})
	}
	g.Add(supervisor.Servers(supervisor.ServersConfig{
		Log: log, Servers: servers, Readiness: readiness,
		Prestop: 2 * time.Second, Drain: drain,
	}))
	ended := make(chan error, 1)
	go func() { ended <- g.Run(context.Background()) }()

	// fetch does not retry: a retry would hide a lost request.
	fetch := func(c *http.Client, url string) error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("x"))
		if err != nil {
			return err
		}
		resp, err := c.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK || string(body) != "done" {
			return fmt.Errorf("got %d %q", resp.StatusCode, body)
		}
		return nil
	}

	var clients sync.WaitGroup
	for i, base := range bases {
		for j := range perListener {
			transport := &http.Transport{}
			c := &http.Client{Transport: transport}
			clients.Go(func() {
				defer transport.CloseIdleConnections()
				if j%2 == 0 {
					// An earlier request makes this one's connection a kept one.
					if err := fetch(c, base+"/quick"); err != nil {
						t.Errorf("warming up: %v", err)
					}
				}
				path := "/hold"
				if i == 0 && j == 0 {
					path = "/slow"
				}
				if err := fetch(c, base+path); err != nil {
					t.Errorf("%s%s: lost: %v", base, path, err)
				}
			})
		}
	}

	select {
	case <-arrived:
	case <-time.After(time.Minute):
		t.Fatalf("only %d of %d requests arrived", inFlight.Load(), total)
	}
	// These go on through the prestop, until they are told that the process is not ready.
	var answered atomic.Int64
	for _, base := range bases {
		transport := &http.Transport{}
		c := &http.Client{Transport: transport}
		clients.Go(func() {
			defer transport.CloseIdleConnections()
			for len(readiness.Status(t.Context())) == 0 {
				if err := fetch(c, base+"/quick"); err != nil {
					t.Errorf("%s: refused while ready: %v", base, err)
					return
				}
				answered.Add(1)
			}
			if err := fetch(c, base+"/quick"); err != nil {
				t.Errorf("%s: refused during prestop: %v", base, err)
			}
		})
	}
	poll(t, "clients are answered", func() bool { return answered.Load() >= 50 })
	stopped := time.Now()
	signals <- syscall.SIGTERM
	poll(t, "readiness says no", func() bool { return len(readiness.Status(t.Context())) > 0 })
	close(release)
	clients.Wait()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("run: got %v, want nil", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the group did not end")
	}
	if took := time.Since(stopped); took < slow || took > drain {
		t.Errorf("the end took %s, want %s and a little", took, slow)
	}
	if cut := logged.lines("cut off"); len(cut) > 0 {
		t.Errorf("got %q, want nothing cut off", cut)
	}
}

type failingListener struct{ net.Listener }

var errAccept = errors.New("the card was pulled")

func (failingListener) Accept() (net.Conn, error) { return nil, errAccept }

func TestServersEndWhenOneListenerFails(t *testing.T) {
	good, bad := listen(t), failingListener{listen(t)}
	actor := supervisor.Servers(supervisor.ServersConfig{
		Servers: []supervisor.Server{
			{Name: "public", Listeners: []net.Listener{good}, Handler: http.NotFoundHandler()},
			{Name: "admin", Listeners: []net.Listener{bad}, Handler: http.NotFoundHandler()},
		},
		// A failure must not wait for traffic to go elsewhere.
		Prestop: time.Hour, Drain: time.Second,
	})
	err := actor.Run(t.Context())
	want := "serving admin on " + bad.Addr().String() + ": the card was pulled"
	if err == nil || err.Error() != want || !errors.Is(err, errAccept) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestServersSpeakTLSAndHTTP2(t *testing.T) {
	certified := httptest.NewUnstartedServer(nil)
	certified.EnableHTTP2 = true
	certified.StartTLS()
	defer certified.Close()

	l := listen(t)
	log, logged := newLog()
	began, release := make(chan struct{}), make(chan struct{})
	actor := supervisor.Servers(supervisor.ServersConfig{
		Log: log,
		Servers: []supervisor.Server{{
			Name: "public", Listeners: []net.Listener{l},
			TLS: &tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12},
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/slow" {
					close(began)
					<-release
				}
				fmt.Fprint(w, r.Proto)
			}),
		}},
		Drain: 5 * time.Second,
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- actor.Run(ctx) }()

	client := certified.Client()
	get := func(path string) (string, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			"https://"+l.Addr().String()+path, nil)
		if err != nil {
			return "", err
		}
		resp, err := client.Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return string(body), err
	}
	if got, err := get("/"); err != nil || got != "HTTP/2.0" {
		t.Errorf("got %q and %v, want HTTP/2.0", got, err)
	}
	slow := make(chan error, 1)
	go func() {
		_, err := get("/slow")
		slow <- err
	}()
	<-began

	// Noise of this kind must not wake an operator.
	plain, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(plain, "not a handshake\r\n\r\n")
	_, _ = io.Copy(io.Discard, plain)
	_ = plain.Close()

	stop()
	close(release)
	if err := <-slow; err != nil {
		t.Errorf("the request in flight: %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("run: got %v, want nil", err)
	}
	if got := logged.lines("TLS handshake error", "level=DEBUG", "listener=public"); len(got) != 1 {
		t.Errorf("got %d debug lines about the handshake, want 1:\n%s", len(got), logged)
	}
	if got := logged.lines("level=WARN"); len(got) > 0 {
		t.Errorf("got warnings %q, want none", got)
	}
}

func TestServersRefuseAHugeHeader(t *testing.T) {
	l := listen(t)
	actor := supervisor.Servers(supervisor.ServersConfig{
		Servers: []supervisor.Server{{
			Name: "public", Listeners: []net.Listener{l}, Handler: http.NotFoundHandler(),
		}},
		Drain: time.Second,
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- actor.Run(ctx) }()
	for size, want := range map[int]int{
		30 << 10: http.StatusNotFound, 40 << 10: http.StatusRequestHeaderFieldsTooLarge,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			"http://"+l.Addr().String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Long", strings.Repeat("x", size))
		transport := &http.Transport{DisableKeepAlives: true}
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("a header of %d bytes: got %d, want %d", size, resp.StatusCode, want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
