package supervisor_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/supervisor"
)

func TestReadinessStatus(t *testing.T) {
	fails := func(text string) func(context.Context) error {
		return func(context.Context) error { return errors.New(text) }
	}
	passes := func(context.Context) error { return nil }
	tests := []struct {
		name string
		do   func(r *supervisor.Readiness)
		want map[string]string
	}{
		{
			name: "a new one gives the reason it was made with",
			do:   func(*supervisor.Readiness) {},
			want: map[string]string{"startup": "binding"},
		},
		{
			name: "starting gives the latest reason and runs no check",
			do: func(r *supervisor.Readiness) {
				r.AddCheck("database", func(context.Context) error { panic("must not run") })
				r.Starting("waiting for the database")
			},
			want: map[string]string{"startup": "waiting for the database"},
		},
		{
			name: "ready without checks has no problem",
			do:   func(r *supervisor.Readiness) { r.Ready() },
			want: map[string]string{},
		},
		{
			name: "ready names the checks that fail and no other",
			do: func(r *supervisor.Readiness) {
				r.AddCheck("database", fails("does not answer"))
				r.AddCheck("migrations", passes)
				r.AddCheck("courier", fails("stopped"))
				r.Ready()
			},
			want: map[string]string{"database": "does not answer", "courier": "stopped"},
		},
		{
			name: "draining is for good",
			do: func(r *supervisor.Readiness) {
				r.Draining()
				r.Ready()
				r.Starting("again")
			},
			want: map[string]string{"shutdown": "draining"},
		},
		{
			name: "a check that panics says so without the panic's text",
			do: func(r *supervisor.Readiness) {
				r.AddCheck("database", func(context.Context) error { panic("postgres://u:p@h") })
				r.Ready()
			},
			want: map[string]string{"database": "the check broke down, see the log"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := supervisor.NewReadiness("binding")
			tt.do(r)
			if diff := cmp.Diff(tt.want, r.Status(t.Context())); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadinessBoundsACheckThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		r := supervisor.NewReadiness("")
		r.AddCheck("database", func(context.Context) error {
			<-release
			return nil
		})
		r.AddCheck("other", func(context.Context) error {
			<-release
			return nil
		})
		r.Ready()
		want := map[string]string{"database": "no answer within 2s", "other": "no answer within 2s"}

		started := time.Now()
		if diff := cmp.Diff(want, r.Status(t.Context())); diff != "" {
			t.Errorf("while hanging (-want +got):\n%s", diff)
		}
		if got := time.Since(started); got != 2*time.Second {
			t.Errorf("two hanging checks took %s, want 2s", got)
		}

		started = time.Now()
		if diff := cmp.Diff(want, r.Status(t.Context())); diff != "" {
			t.Errorf("while still hanging (-want +got):\n%s", diff)
		}
		if got := time.Since(started); got != 0 {
			t.Errorf("a check known to hang took %s, want no time", got)
		}

		close(release)
		synctest.Wait()
		if diff := cmp.Diff(map[string]string{}, r.Status(t.Context())); diff != "" {
			t.Errorf("after it returned (-want +got):\n%s", diff)
		}
	})
}

func TestReadinessNeverPilesUpOnAHungCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int64
		release := make(chan struct{})
		defer close(release)
		r := supervisor.NewReadiness("")
		r.AddCheck("database", func(context.Context) error {
			runs.Add(1)
			<-release
			return nil
		})
		r.Ready()
		before := runtime.NumGoroutine()
		for range 30 {
			var probes sync.WaitGroup
			for range 20 {
				probes.Go(func() { r.Status(t.Context()) })
			}
			probes.Wait()
			time.Sleep(time.Second)
		}
		if got := runs.Load(); got != 1 {
			t.Errorf("the hung check was started %d times, want once", got)
		}
		synctest.Wait()
		if got := runtime.NumGoroutine() - before; got > 2 {
			t.Errorf("600 probes left %d goroutines, want one", got)
		}
	})
}

func TestReadinessSharesAndCachesAResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int64
		r := supervisor.NewReadiness("")
		r.AddCheck("database", func(context.Context) error {
			runs.Add(1)
			time.Sleep(100 * time.Millisecond)
			return nil
		})
		r.Ready()
		ask := func() {
			var probes sync.WaitGroup
			for range 10 {
				probes.Go(func() { r.Status(t.Context()) })
			}
			probes.Wait()
		}
		ask()
		time.Sleep(999 * time.Millisecond)
		ask()
		if got := runs.Load(); got != 1 {
			t.Errorf("within a second: %d runs, want 1", got)
		}
		time.Sleep(time.Millisecond)
		ask()
		if got := runs.Load(); got != 2 {
			t.Errorf("after a second: %d runs, want 2", got)
		}
	})
}

func TestReadinessSurvivesAProbeThatHangsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := supervisor.NewReadiness("")
		r.AddCheck("database", func(ctx context.Context) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
				return nil
			}
		})
		r.Ready()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		want := map[string]string{"database": "the probe was given up before the answer came"}
		if diff := cmp.Diff(want, r.Status(ctx)); diff != "" {
			t.Errorf("the impatient probe (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]string{}, r.Status(t.Context())); diff != "" {
			t.Errorf("the patient probe (-want +got):\n%s", diff)
		}
	})
}

func TestReadinessLogsChangesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, logged := newLog()
		var failing atomic.Bool
		r := supervisor.NewReadiness("")
		r.LogTo(log)
		r.AddCheck("database", func(context.Context) error {
			if failing.Load() {
				return errors.New("does not answer")
			}
			return nil
		})
		r.Ready()
		for _, state := range []bool{false, false, true, true, true, false, false} {
			failing.Store(state)
			r.Status(t.Context())
			time.Sleep(time.Second)
		}
		if got := len(logged.lines("not ready", "check=database", "does not answer")); got != 1 {
			t.Errorf("got %d lines about the failure, want 1:\n%s", got, logged)
		}
		if got := len(logged.lines("ready again", "check=database")); got != 1 {
			t.Errorf("got %d lines about the recovery, want 1:\n%s", got, logged)
		}
	})
}

func TestHealthHandlers(t *testing.T) {
	tests := []struct {
		name      string
		do        func(r *supervisor.Readiness)
		handler   func(r *supervisor.Readiness) http.Handler
		wantCode  int
		wantBody  string
		wantRetry string
	}{
		{
			name:     "alive is 200 while starting",
			handler:  (*supervisor.Readiness).Alive,
			wantCode: 200, wantBody: `{"status":"ok"}`,
		},
		{
			name:     "ready is 503 with the reason while starting",
			handler:  (*supervisor.Readiness).Handler,
			wantCode: 503, wantBody: `{"errors":{"startup":"binding"}}`, wantRetry: "1",
		},
		{
			name:     "ready is 200 once ready",
			do:       (*supervisor.Readiness).Ready,
			handler:  (*supervisor.Readiness).Handler,
			wantCode: 200, wantBody: `{"status":"ok"}`,
		},
		{
			name: "ready is 503 with the check's text when one fails",
			do: func(r *supervisor.Readiness) {
				r.AddCheck("database", func(context.Context) error { return errors.New("away") })
				r.Ready()
			},
			handler:  (*supervisor.Readiness).Handler,
			wantCode: 503, wantBody: `{"errors":{"database":"away"}}`, wantRetry: "1",
		},
		{
			name:     "alive is 200 while draining",
			do:       (*supervisor.Readiness).Draining,
			handler:  (*supervisor.Readiness).Alive,
			wantCode: 200, wantBody: `{"status":"ok"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := supervisor.NewReadiness("binding")
			if tt.do != nil {
				tt.do(r)
			}
			w := httptest.NewRecorder()
			tt.handler(r).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
			if w.Code != tt.wantCode {
				t.Errorf("code: got %d, want %d", w.Code, tt.wantCode)
			}
			if got := strings.TrimSpace(w.Body.String()); got != tt.wantBody {
				t.Errorf("body: got %s, want %s", got, tt.wantBody)
			}
			if got := w.Header().Get("Retry-After"); got != tt.wantRetry {
				t.Errorf("Retry-After: got %q, want %q", got, tt.wantRetry)
			}
			if got := w.Header().Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control: got %q, want no-store", got)
			}
		})
	}
}
