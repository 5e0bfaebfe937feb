package stack

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/throttle"
)

// TestAnOutageCountsAgainstNobody refuses an application five times, each time while something of ours failed: it must
// not have to wait afterwards. What it got wrong by itself counts.
func TestAnOutageCountsAgainstNobody(t *testing.T) {
	sqlseam.Register()
	nowhere, err := sql.Open(sqlseam.PostgresDriver, "postgres://me:sesame@127.0.0.1:1/x?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer nowhere.Close()
	for _, test := range []struct {
		name   string
		during func(context.Context) context.Context
		waits  bool
	}{
		{"nothing failed", func(ctx context.Context) context.Context { return ctx }, true},
		{"a caller that hangs up", func(ctx context.Context) context.Context {
			ctx, hangUp := context.WithCancel(ctx)
			hangUp()
			return ctx
		}, true},
		{"a statement of its own", func(ctx context.Context) context.Context {
			if nowhere.PingContext(ctx) == nil {
				t.Error("a database answers where there is none")
			}
			return ctx
		}, false},
		// As database/sql opens connections where all are taken.
		{"a connection of nobody", func(ctx context.Context) context.Context {
			if nowhere.PingContext(context.Background()) == nil {
				t.Error("a database answers where there is none")
			}
			return ctx
		}, false},
		{"its time ran out", func(ctx context.Context) context.Context {
			ctx, cancel := context.WithDeadline(ctx, time.Now().Add(-time.Second))
			t.Cleanup(cancel)
			return ctx
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			level := throttle.Level{Free: 2, Window: time.Hour}
			throttling := throttling{limiter: throttle.New(throttle.Config{
				Log: slog.New(slog.DiscardHandler), Pair: level, Account: level, Address: level, FirstWait: time.Minute, LongestWait: time.Hour,
			})}
			try := identity.Attempt{Kind: string(throttle.Client), Account: "shop"}
			for range 5 {
				ctx, _ := sqlseam.NewContext(t.Context())
				r := httptest.NewRequest(http.MethodPost, "/oauth2/token", nil).WithContext(test.during(ctx))
				end, _ := throttling.begin(r, try)
				if end == nil {
					break
				}
				// As Hydra's engine ends it: the answer is there, whatever became of the caller.
				end(context.WithoutCancel(r.Context()), identity.AttemptFailed)
			}
			_, until := throttling.begin(httptest.NewRequest(http.MethodPost, "/oauth2/token", nil), try)
			if waits := !until.IsZero(); waits != test.waits {
				t.Errorf("waits: got %v, want %v", waits, test.waits)
			}
		})
	}
}
