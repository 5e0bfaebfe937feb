package supervisor_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"example.com/identityd/internal/supervisor"
)

// drainBench is a running Servers actor over one in-memory listener, inside of a synctest bubble.
type drainBench struct {
	listener  *pipeListener
	readiness *supervisor.Readiness
	log       *logBuffer
	stop      context.CancelFunc
	done      chan error // what the actor's Run returned
	release   chan struct{}
	canceled  chan struct{} // closed when the context of a request for /stuck ended
}

func startDrain(t *testing.T, prestop, drain time.Duration) *drainBench {
	t.Helper()
	log, logged := newLog()
	ctx, cancel := context.WithCancel(t.Context())
	b := &drainBench{
		listener: newPipeListener(), readiness: supervisor.NewReadiness(""), log: logged,
		stop: cancel, done: make(chan error, 1),
		release: make(chan struct{}), canceled: make(chan struct{}),
	}
	b.readiness.Ready()
	mux := http.NewServeMux()
	mux.HandleFunc("/quick", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok"))
	})
	mux.HandleFunc("/read", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != "abcd" {
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = w.Write([]byte("ok"))
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(3 * time.Second):
		case <-r.Context().Done():
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = w.Write([]byte("ok"))
	})
	mux.HandleFunc("/begun", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "2")
		_, _ = w.Write([]byte("o"))
		w.(http.Flusher).Flush()
		<-b.release
		_, _ = w.Write([]byte("k"))
	})
	mux.HandleFunc("/stuck", func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		close(b.canceled)
	})
	mux.HandleFunc("/deaf", func(http.ResponseWriter, *http.Request) { <-b.release })
	actor := supervisor.Servers(supervisor.ServersConfig{
		Log:     log,
		Servers: []supervisor.Server{{Name: "public", Listeners: []net.Listener{b.listener}, Handler: mux}},
		Prestop: prestop, Drain: drain, Readiness: b.readiness,
	})
	go func() { b.done <- actor.Run(ctx) }()
	return b
}

func (b *drainBench) dial(t *testing.T) *client {
	t.Helper()
	c, err := b.listener.dial(t)
	if err != nil {
		t.Fatalf("dialing: %v", err)
	}
	return c
}

// wantDone waits for the actor's end and checks when it came, counted from the stop.
func (b *drainBench) wantDone(t *testing.T, stopped time.Time, atLeast, atMost time.Duration) {
	t.Helper()
	if err := <-b.done; err != nil {
		t.Errorf("the actor returned %v, want nil", err)
	}
	if took := time.Since(stopped); took < atLeast || took > atMost {
		t.Errorf("the drain took %s, want %s to %s", took, atLeast, atMost)
	}
}

func TestPrestopSaysNotReadyAndStillServes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startDrain(t, 2*time.Second, 7*time.Second)
		kept := b.dial(t)
		kept.get(t, "/quick")
		kept.wantAnswer(t, false)

		stopped := time.Now()
		b.stop()
		synctest.Wait()
		if got := b.readiness.Status(t.Context()); got["shutdown"] == "" {
			t.Errorf("readiness during prestop: got %v, want shutdown", got)
		}
		time.Sleep(time.Second)
		kept.get(t, "/quick")
		kept.wantAnswer(t, true)
		kept.wantEOF(t)
		fresh := b.dial(t)
		fresh.get(t, "/quick")
		fresh.wantAnswer(t, true)

		b.wantDone(t, stopped, 2*time.Second, 2*time.Second+200*time.Millisecond)
		if _, err := b.listener.dial(t); !errors.Is(err, errRefused) {
			t.Errorf("dialing after the drain: got %v, want %v", err, errRefused)
		}
	})
}

func TestDrainAnswersWhatHasBegun(t *testing.T) {
	tests := []struct {
		name string
		// before runs until the stop, after follows it at once.
		before, after func(t *testing.T, b *drainBench, c *client)
		atLeast       time.Duration
		atMost        time.Duration
	}{
		{
			name:   "a slow request is waited for and told to close",
			before: func(t *testing.T, _ *drainBench, c *client) { c.get(t, "/slow") },
			after: func(t *testing.T, _ *drainBench, c *client) {
				c.wantAnswer(t, true)
				c.wantEOF(t)
			},
			atLeast: 3 * time.Second, atMost: 3*time.Second + 600*time.Millisecond,
		},
		{
			name:   "a first request whose header is half read is answered",
			before: func(t *testing.T, _ *drainBench, c *client) { c.send(t, "G") },
			after: func(t *testing.T, _ *drainBench, c *client) {
				time.Sleep(2 * time.Second)
				c.send(t, "ET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
				c.wantAnswer(t, true)
			},
			atLeast: 2 * time.Second, atMost: 2*time.Second + 600*time.Millisecond,
		},
		{
			name: "a second request on a kept connection whose header is half read is answered",
			before: func(t *testing.T, _ *drainBench, c *client) {
				c.get(t, "/quick")
				c.wantAnswer(t, false)
				c.send(t, "GE")
			},
			after: func(t *testing.T, _ *drainBench, c *client) {
				time.Sleep(2 * time.Second)
				c.send(t, "T /slow HTTP/1.1\r\nHost: x\r\n\r\n")
				c.wantAnswer(t, true)
			},
			atLeast: 5 * time.Second, atMost: 5*time.Second + 600*time.Millisecond,
		},
		{
			name: "a body that is half read is read to its end",
			before: func(t *testing.T, _ *drainBench, c *client) {
				c.send(t, "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
			},
			after: func(t *testing.T, _ *drainBench, c *client) {
				time.Sleep(time.Second)
				c.send(t, "cd")
				c.wantAnswer(t, true)
			},
			atLeast: time.Second, atMost: time.Second + 600*time.Millisecond,
		},
		{
			name:   "a request on the wire when the listener closes is answered",
			before: func(*testing.T, *drainBench, *client) {},
			after: func(t *testing.T, _ *drainBench, c *client) {
				time.Sleep(50 * time.Millisecond)
				c.get(t, "/slow")
				c.wantAnswer(t, true)
			},
			atLeast: 3 * time.Second, atMost: 4 * time.Second,
		},
		{
			name: "a request after a response that promised to keep the connection is answered",
			before: func(t *testing.T, _ *drainBench, c *client) {
				c.get(t, "/begun")
				if _, err := c.r.Peek(1); err != nil {
					t.Error(err)
				}
			},
			after: func(t *testing.T, b *drainBench, c *client) {
				time.Sleep(time.Second)
				close(b.release)
				c.wantAnswer(t, false)
				time.Sleep(50 * time.Millisecond)
				c.get(t, "/quick")
				c.wantAnswer(t, true)
			},
			atLeast: time.Second, atMost: 2 * time.Second,
		},
		{
			name: "a quiet kept connection is let go soon",
			before: func(t *testing.T, _ *drainBench, c *client) {
				c.get(t, "/quick")
				c.wantAnswer(t, false)
			},
			after:   func(t *testing.T, _ *drainBench, c *client) { c.wantEOF(t) },
			atLeast: 0, atMost: 200 * time.Millisecond,
		},
		{
			name:    "a connection that never spoke is let go soon",
			before:  func(*testing.T, *drainBench, *client) {},
			after:   func(t *testing.T, _ *drainBench, c *client) { c.wantEOF(t) },
			atLeast: 0, atMost: 200 * time.Millisecond,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := startDrain(t, 0, 7*time.Second)
				c := b.dial(t)
				tt.before(t, b, c)
				synctest.Wait()
				stopped := time.Now()
				b.stop()
				tt.after(t, b, c)
				b.wantDone(t, stopped, tt.atLeast, tt.atMost)
				if cut := b.log.lines("cut off"); len(cut) > 0 {
					t.Errorf("got %q, want nothing cut off", cut)
				}
			})
		})
	}
}

func TestDrainHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startDrain(t, time.Second, 2*time.Second)
		c := b.dial(t)
		c.get(t, "/stuck")
		synctest.Wait()
		stopped := time.Now()
		b.stop()
		time.Sleep(2999 * time.Millisecond)
		select {
		case <-b.canceled:
			t.Error("the request was canceled before the drain was over")
		default:
		}
		b.wantDone(t, stopped, 3*time.Second, 3*time.Second)
		<-b.canceled
		c.wantEOF(t)
		if got := b.log.lines("level=WARN", "cut off", "count=1"); len(got) != 1 {
			t.Errorf("got %d lines about the cut connection, want 1:\n%s", len(got), b.log)
		}
	})
}

func TestDrainDoesNotWaitForAHandlerThatHearsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startDrain(t, 0, 2*time.Second)
		c := b.dial(t)
		c.get(t, "/deaf")
		synctest.Wait()
		stopped := time.Now()
		b.stop()
		b.wantDone(t, stopped, 3*time.Second, 3*time.Second)
		close(b.release)
	})
}
