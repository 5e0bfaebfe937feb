package sqlseam_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
)

func TestOutages(t *testing.T) {
	s := pgtest.Start(t)
	db := openPostgres(t, s.DatabaseURL("postgres"))
	// One connection, so that each test knows which one it has.
	db.SetMaxOpenConns(1)

	for _, mode := range []pgtest.Mode{pgtest.Fast, pgtest.Immediate} {
		t.Run("stopped during a transaction, mode "+string(mode), func(t *testing.T) {
			defer s.Start()
			ctx, record := recorded(t)
			tx := begin(ctx, t, db)
			if _, err := tx.ExecContext(ctx, "SELECT 1"); err != nil {
				t.Fatal(err)
			}
			s.Stop(mode)
			_, err := tx.ExecContext(ctx, "SELECT 2")
			wantFailure(t, record, err, sqlseam.Outage)
			first := record.Failure()
			if _, err := tx.ExecContext(ctx, "SELECT 3"); err == nil {
				t.Error("a statement on a dead connection succeeded")
			}
			if got := record.Failure(); !errors.Is(got, first) {
				t.Errorf("got failure %v, want the first one, %v", got, first)
			}
		})
		t.Run("stopped before the commit, mode "+string(mode), func(t *testing.T) {
			defer s.Start()
			ctx, record := recorded(t)
			tx := begin(ctx, t, db)
			if _, err := tx.ExecContext(ctx, "SELECT 1"); err != nil {
				t.Fatal(err)
			}
			s.Stop(mode)
			wantFailure(t, record, tx.Commit(), sqlseam.Outage)
		})
		t.Run("stopped between two statements, mode "+string(mode), func(t *testing.T) {
			defer s.Start()
			exec(t, db, "SELECT 1")
			s.Stop(mode)
			ctx, record := recorded(t)
			_, err := db.ExecContext(ctx, "SELECT 2")
			wantFailure(t, record, err, sqlseam.Outage)
		})
		t.Run("stopped while an answer is read, mode "+string(mode), func(t *testing.T) {
			defer s.Start()
			ctx, record := recorded(t)
			// More than the buffers of both sides hold.
			rows, err := db.QueryContext(ctx, "SELECT repeat('x', 100000) FROM generate_series(1, 1000)")
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			if !rows.Next() {
				t.Fatalf("got no row: %v", rows.Err())
			}
			wantNoFailure(t, record)
			s.Stop(mode)
			for rows.Next() {
			}
			wantFailure(t, record, rows.Err(), sqlseam.Outage)
		})
	}

	t.Run("a connection that died meanwhile is replaced without a failure", func(t *testing.T) {
		exec(t, db, "SELECT 1")
		s.Stop(pgtest.Fast)
		s.Start()
		ctx, record := recorded(t)
		// pgx may notice only while reading, when it cannot know whether the statement ran. The next
		// statement then finds the connection gone, and has to succeed on a new one.
		if _, err := db.ExecContext(ctx, "SELECT 2"); err != nil {
			wantFailure(t, record, err, sqlseam.Outage)
		} else {
			wantNoFailure(t, record)
		}
		ctx, record = recorded(t)
		if _, err := db.ExecContext(ctx, "SELECT 3"); err != nil {
			t.Fatal(err)
		}
		wantNoFailure(t, record)
		wantStatements(t, record, 1)
	})
}

func TestFrozenServer(t *testing.T) {
	s := pgtest.Start(t)
	tests := []struct {
		name string
		run  func(context.Context, *sql.DB) error
	}{
		{"a statement", func(ctx context.Context, db *sql.DB) error {
			_, err := db.ExecContext(ctx, "SELECT 1")
			return err
		}},
		{"a query", func(ctx context.Context, db *sql.DB) error {
			var one int
			return db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
		}},
		{"a begin", func(ctx context.Context, db *sql.DB) error {
			tx, err := db.BeginTx(ctx, nil)
			if err == nil {
				err = tx.Rollback()
			}
			return err
		}},
		{"a prepare", func(ctx context.Context, db *sql.DB) error {
			st, err := db.PrepareContext(ctx, "SELECT 1")
			if err != nil {
				return err
			}
			defer st.Close() //nolint:errcheck // the test has failed
			return nil
		}},
		{"a ping", func(ctx context.Context, db *sql.DB) error { return db.PingContext(ctx) }},
	}
	endings := []struct {
		name string
		end  func(context.Context) (context.Context, context.CancelFunc)
		fail bool
	}{
		{"until the deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 200*time.Millisecond)
		}, true},
		{"until its caller gives up", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(100*time.Millisecond, cancel)
			return ctx, cancel
		}, false},
	}
	for _, state := range []struct {
		name string
		used bool
		idle time.Duration
	}{
		{"on a new connection", false, 0},
		{"on a connection just used", true, 0},
		{"on a connection that pgx pings first, because it was idle for a second", true, 1100 * time.Millisecond},
	} {
		var pools []*sql.DB
		for range len(tests) * len(endings) {
			db := openPostgres(t, s.DatabaseURL("postgres"))
			db.SetMaxOpenConns(1)
			if state.used {
				exec(t, db, "SELECT 1")
			}
			pools = append(pools, db)
		}
		<-time.After(state.idle) // the time that pgx measures; nothing tells when it has passed
		for i, tt := range tests {
			for j, ending := range endings {
				t.Run(tt.name+" "+state.name+" hangs "+ending.name, func(t *testing.T) {
					s.Freeze()
					defer s.Thaw()
					ctx, record := sqlseam.NewContext(t.Context())
					ctx, cancel := ending.end(ctx)
					defer cancel()
					err := tt.run(ctx, pools[i*len(endings)+j])
					if !ending.fail {
						if err == nil {
							t.Error("the call succeeded")
						}
						wantNoFailure(t, record)
						return
					}
					wantFailure(t, record, err, sqlseam.Outage)
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("got %v, want deadline exceeded", err)
					}
				})
			}
		}
	}
}

func TestTheCallersOwnCancellationIsNoFailure(t *testing.T) {
	slow := map[string]string{
		"PostgreSQL": "SELECT pg_sleep(30)",
		"SQLite":     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
	}
	for _, kind := range databases {
		t.Run(kind.name+", canceled", func(t *testing.T) {
			db := kind.open(t)
			exec(t, db, "SELECT 1")
			ctx, record := sqlseam.NewContext(t.Context())
			ctx, cancel := context.WithCancel(ctx)
			timer := time.AfterFunc(100*time.Millisecond, cancel)
			defer timer.Stop()
			if _, err := db.ExecContext(ctx, slow[kind.name]); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context canceled", err)
			}
			wantStatements(t, record, 1)
			wantNoFailure(t, record)
		})
		t.Run(kind.name+", past its deadline", func(t *testing.T) {
			db := kind.open(t)
			exec(t, db, "SELECT 1")
			ctx, record := sqlseam.NewContext(t.Context())
			ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
			defer cancel()
			_, err := db.ExecContext(ctx, slow[kind.name])
			wantFailure(t, record, err, sqlseam.Outage)
		})
	}
}
