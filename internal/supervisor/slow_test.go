package supervisor_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/identityd/internal/supervisor"
	"example.com/identityd/internal/tried"
)

// serving runs one server until the test ends, and returns its address.
func serving(t *testing.T, s supervisor.Server) string {
	t.Helper()
	l := listen(t)
	s.Name, s.Listeners = "public", []net.Listener{l}
	actor := supervisor.Servers(supervisor.ServersConfig{Servers: []supervisor.Server{s}, Drain: time.Second})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- actor.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// slowly sends the begin of a request, then a byte now and then, and returns how long the server put up with
// it: until it closed the connection, or the test's patience was over.
func slowly(t *testing.T, address, begin string, drip byte, patience time.Duration) (time.Duration, bool) {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	began := time.Now()
	if _, err := io.WriteString(c, begin); err != nil {
		t.Fatal(err)
	}
	over := make(chan bool, 1)
	go func() {
		// Whatever it says: its end is what counts.
		_ = c.SetReadDeadline(began.Add(patience))
		_, err := io.Copy(io.Discard, c)
		over <- !errors.Is(err, os.ErrDeadlineExceeded)
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case dropped := <-over:
			return time.Since(began), dropped
		case <-tick.C:
			if drip != 0 {
				_, _ = c.Write([]byte{drip}) // the read tells when it is over
			}
		}
	}
}

// TestSlowClientsAreDropped has a client for each way to be slow, and short patience.
func TestSlowClientsAreDropped(t *testing.T) {
	const short, long = 150 * time.Millisecond, time.Hour
	reads := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	const post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
	for name, tt := range map[string]struct {
		impatient, patient supervisor.Server
		begin              string
		drip               byte
	}{
		"a header that does not end": {
			supervisor.Server{ReadHeader: short, Read: long}, supervisor.Server{ReadHeader: long, Read: long}, "GET / HTTP/1.1\r\nX-A: ", 'a',
		},
		"a connection that says nothing": {
			supervisor.Server{ReadHeader: short, Read: long}, supervisor.Server{ReadHeader: long, Read: long}, "", 0,
		},
		"a body that does not end": {
			supervisor.Server{Read: short}, supervisor.Server{Read: long}, post, 'a',
		},
		"a body that stops": {
			supervisor.Server{Read: short}, supervisor.Server{Read: long}, post, 0,
		},
		"a kept connection that says nothing": {
			supervisor.Server{Idle: short}, supervisor.Server{Idle: long}, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			tt.impatient.Handler, tt.patient.Handler = reads, reads
			took, dropped := slowly(t, serving(t, tt.impatient), tt.begin, tt.drip, 20*time.Second)
			if !dropped {
				t.Errorf("still served after %s, want it to be dropped after %s", took, short)
			}
			// Without the limit it is kept for as long as anybody cares to look.
			kept, gone := slowly(t, serving(t, tt.patient), tt.begin, tt.drip, 2*short)
			if gone {
				t.Errorf("without the limit it was dropped after %s", kept)
			}
			tried.Report(t, name+", where the limit is "+short.String(), "dropped after %s; without the limit still there after %s",
				took.Round(10*time.Millisecond), kept.Round(10*time.Millisecond))
		})
	}
}

// TestSlowReadersAreDropped: a client that takes no answer holds its handler no longer than the write timeout.
func TestSlowReadersAreDropped(t *testing.T) {
	for _, tt := range []struct {
		name string
		wait time.Duration
		ends bool
	}{{"an answer that nobody reads", 150 * time.Millisecond, true}, {"the same without a limit", time.Hour, false}} {
		t.Run(tt.name, func(t *testing.T) {
			var ended atomic.Bool
			entered := make(chan struct{})
			block := strings.Repeat("a", 1<<20)
			address := serving(t, supervisor.Server{Write: tt.wait, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer ended.Store(true)
				close(entered)
				for r.Context().Err() == nil { // more than any buffer holds
					if _, err := io.WriteString(w, block); err != nil {
						return
					}
				}
			})})
			c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			began := time.Now()
			fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			<-entered
			if tt.ends {
				poll(t, "the end of the handler", ended.Load)
				tried.Report(t, tt.name+", where the limit is "+tt.wait.String(), "its handler ended after %s", time.Since(began).Round(10*time.Millisecond))
				return
			}
			<-time.After(400 * time.Millisecond)
			if ended.Load() {
				t.Error("the handler ended: the other test proves nothing")
			}
		})
	}
}

// TestHTTP2WithoutTLSIsOff: a client that knows it beforehand is told no, and the upgrade is not taken.
func TestHTTP2WithoutTLSIsOff(t *testing.T) {
	address := serving(t, supervisor.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) })})
	for name, request := range map[string]string{
		"the preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
		"an upgrade":  "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(20 * time.Second))
			fmt.Fprint(c, request)
			line, err := bufio.NewReader(c).ReadString('\n')
			if err != nil || !strings.HasPrefix(line, "HTTP/1.1 ") || strings.HasPrefix(line, "HTTP/1.1 101") {
				t.Errorf("got %q and %v, want an answer in HTTP/1.1", line, err)
			}
			tried.Report(t, "HTTP/2 without TLS, by "+name, "%s", strings.TrimSpace(line))
		})
	}
}
