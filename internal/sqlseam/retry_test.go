package sqlseam

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
)

func state(code string) error { return &pgconn.PgError{Code: code} }

func repeated(err error, n int) []error { return slices.Repeat([]error{err}, n) }

// scripted is a database on a script.
func scripted(t *testing.T, answers []error) *sql.DB {
	t.Helper()
	connector, err := wrapped{Driver: &script{answers: answers}}.OpenConnector("")
	if err != nil {
		t.Fatal(err)
	}
	return sql.OpenDB(connector)
}

// since returns what was counted after a moment.
func since(before Statistics) Statistics {
	now := Stats()
	return Statistics{
		Repeated:  now.Repeated - before.Repeated,
		Recovered: now.Recovered - before.Recovered,
		Abandoned: now.Abandoned - before.Abandoned,
	}
}

func TestConflictsAreRepeated(t *testing.T) {
	const insert = "INSERT INTO things VALUES (1)"
	serialization := state("40001")
	tests := []struct {
		name    string
		query   string
		answers []error
		want    Statistics
		err     error
		failure bool
	}{
		{"one conflict", insert, repeated(serialization, 1), Statistics{Repeated: 1, Recovered: 1}, nil, false},
		{"eleven conflicts", insert, repeated(serialization, 11), Statistics{Repeated: 11, Recovered: 1}, nil, false},
		{
			"twelve conflicts are one too many", insert, repeated(serialization, 12),
			Statistics{Repeated: 11, Abandoned: 1},
			serialization, true,
		},
		{"a conflict by CockroachDB's older name", insert, repeated(state("CR000"), 1), Statistics{Repeated: 1, Recovered: 1}, nil, false},
		{"a busy SQLite", insert, repeated(sqlite3.Error{Code: sqlite3.ErrBusy}, 1), Statistics{Repeated: 1, Recovered: 1}, nil, false},
		{
			"a locked table of a database in memory", insert,
			repeated(sqlite3.Error{Code: sqlite3.ErrLocked, ExtendedCode: sqlite3.ErrLockedSharedCache}, 1),
			Statistics{Repeated: 1, Recovered: 1},
			nil, false,
		},
		{
			"an answer after a conflict", insert,
			[]error{serialization, state("23505")},
			Statistics{Repeated: 1, Recovered: 1},
			state("23505"), false,
		},
		{
			"an outage after a conflict", insert,
			[]error{serialization, state("57P01")},
			Statistics{Repeated: 1, Abandoned: 1},
			state("57P01"), true,
		},
		{"an unknown outcome is not repeated", insert, repeated(state("40003"), 1), Statistics{}, state("40003"), true},
		{"a deadlock is not repeated", insert, repeated(state("40P01"), 1), Statistics{}, state("40P01"), true},
		{"an answer is not repeated", insert, repeated(state("23505"), 1), Statistics{}, state("23505"), false},
		{"what begins a transaction is not repeated", "BEGIN", repeated(serialization, 1), Statistics{}, serialization, true},
		{"two statements are not repeated", insert + "; " + insert, repeated(serialization, 1), Statistics{}, serialization, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := scripted(t, tt.answers)
				defer db.Close()
				ctx, record := NewContext(t.Context())
				before := Stats()
				_, err := db.ExecContext(ctx, tt.query)
				if diff := cmp.Diff(tt.err, err); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.want, since(before)); diff != "" {
					t.Errorf("counts (-want +got):\n%s", diff)
				}
				if got := record.Failure() != nil; got != tt.failure {
					t.Errorf("recorded %v, want a failure: %v", record.Failure(), tt.failure)
				}
				if got, want := record.Statements(), 1+int(tt.want.Repeated); got != want { //nolint:gosec // seven
					t.Errorf("got %d statements, want %d", got, want)
				}
			})
		})
	}
}

func TestRepetitionsAreBounded(t *testing.T) {
	serialization := state("40001")
	tests := []struct {
		name        string
		context     func(context.Context) (context.Context, context.CancelFunc)
		least, most time.Duration
	}{
		{"without a deadline they pause for longer each time", context.WithCancel, 2635 * time.Millisecond / 2, 2635 * time.Millisecond},
		{"a pause beyond the deadline is not begun", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 100*time.Millisecond)
		}, 20 * time.Millisecond, 99 * time.Millisecond},
		{"a caller that gives up ends a pause", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(100*time.Millisecond, cancel)
			return ctx, cancel
		}, 100 * time.Millisecond, 100 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := scripted(t, repeated(serialization, 100))
				defer db.Close()
				ctx, cancel := tt.context(t.Context())
				defer cancel()
				began := time.Now()
				_, err := db.ExecContext(ctx, "DELETE FROM things")
				if !errors.Is(err, serialization) {
					t.Errorf("got %v, want the conflict itself", err)
				}
				if took := time.Since(began); took < tt.least || took > tt.most {
					t.Errorf("took %s, want %s to %s", took, tt.least, tt.most)
				}
			})
		})
	}
	t.Run("a statement that has waited long already is not run again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c, runs := &conn{}, 0
			err := c.repeat(t.Context(), "SELECT 1", func() error {
				runs++
				<-time.After(10 * time.Second) // SQLite's busy timeout
				return sqlite3.Error{Code: sqlite3.ErrBusy}
			})
			if err == nil || runs != 1 {
				t.Errorf("got %v after %d runs, want the conflict of one", err, runs)
			}
		})
	})
}

func TestConflictsInTransactions(t *testing.T) {
	serialization := state("40001")
	run := func(ctx context.Context, db *sql.DB, end func(*sql.Tx) error, queries ...string) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		var met []error
		for _, q := range queries {
			_, err := tx.ExecContext(ctx, q)
			met = append(met, err)
		}
		return errors.Join(append(met, end(tx))...)
	}
	const (
		read    = "SELECT 1"
		restart = "ROLLBACK TO SAVEPOINT cockroach_restart"
	)
	tests := []struct {
		name    string
		answers []error
		run     func(context.Context, *sql.DB) error
		failure bool
	}{
		{"one that is given up is a failure", repeated(serialization, 1), func(ctx context.Context, db *sql.DB) error {
			return run(ctx, db, (*sql.Tx).Rollback, read)
		}, true},
		{"one that was run again in another transaction is none", repeated(serialization, 1), func(ctx context.Context, db *sql.DB) error {
			return errors.Join(run(ctx, db, (*sql.Tx).Rollback, read), run(ctx, db, (*sql.Tx).Commit, read))
		}, false},
		{"one that was run again without a commit is one", repeated(serialization, 1), func(ctx context.Context, db *sql.DB) error {
			return errors.Join(run(ctx, db, (*sql.Tx).Rollback, read), run(ctx, db, (*sql.Tx).Rollback, read))
		}, true},
		{"a refusal that was read after a restart is none", repeated(serialization, 1), func(ctx context.Context, db *sql.DB) error {
			return run(ctx, db, (*sql.Tx).Rollback, read, restart, read)
		}, false},
		{"a restart alone reads nothing", repeated(serialization, 1), func(ctx context.Context, db *sql.DB) error {
			return run(ctx, db, (*sql.Tx).Rollback, read, restart)
		}, true},
		{"a second conflict after a restart is one", []error{serialization, nil, serialization}, func(ctx context.Context, db *sql.DB) error {
			return run(ctx, db, (*sql.Tx).Rollback, read, restart, read)
		}, true},
		{"an outage stays whatever is committed later", repeated(state("57P01"), 1), func(ctx context.Context, db *sql.DB) error {
			return errors.Join(run(ctx, db, (*sql.Tx).Rollback, read), run(ctx, db, (*sql.Tx).Commit, read))
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db := scripted(t, tt.answers)
			defer db.Close()
			ctx, record := NewContext(t.Context())
			before := Stats()
			if err := tt.run(ctx, db); err == nil {
				t.Error("nothing failed")
			}
			if got := record.Failure() != nil; got != tt.failure {
				t.Errorf("got failure %v, want one: %v", record.Failure(), tt.failure)
			}
			if got, want := record.Conflict() != nil, Classify(tt.answers[0]) == Retryable; got != want {
				t.Errorf("got conflict %v, want one: %v", record.Conflict(), want)
			}
			if diff := cmp.Diff(Statistics{}, since(before)); diff != "" {
				t.Errorf("a statement in a transaction was repeated:\n%s", diff)
			}
		})
	}
}

func TestSingle(t *testing.T) {
	tests := []struct {
		query string
		want  bool
	}{
		{"SELECT 1", true},
		{"\n\tinsert into things values (1);\n", true},
		{"(SELECT 1) UNION (SELECT 2)", true},
		{"-- why\nUPDATE things SET id = 1", true},
		{"/* who */ DELETE FROM things", true},
		{"WITH old AS (DELETE FROM things RETURNING id) SELECT id FROM old", true},
		{"UPSERT INTO things VALUES (1)", true},
		{"BEGIN", false},
		{"BEGIN TRANSACTION", false},
		{"SAVEPOINT cockroach_restart", false},
		{"RELEASE SAVEPOINT cockroach_restart", false},
		{"COMMIT", false},
		{"SELECT 1; COMMIT; SELECT 2", false},
		{"DO $$ BEGIN COMMIT; END $$", false},
		{"CALL move()", false},
		{"CREATE TABLE things (id int)", false},
		{"SELECTED", false},
		{"/* never closed", false},
		{"", false},
	}
	for _, tt := range tests {
		if got := single(tt.query); got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.query, got, tt.want)
		}
	}
}

// A driver whose rows fail is one that runs the query for the first of them, as SQLite's may.
type lateRows struct{ script *script }

func (lateRows) Columns() []string { return []string{"n"} }

func (lateRows) Close() error { return nil }

func (r lateRows) Next(dest []driver.Value) error {
	dest[0] = int64(1)
	return r.script.next()
}

func TestTheFirstRowMayMeetTheConflict(t *testing.T) {
	serialization := state("40001")
	tests := []struct {
		name    string
		answers []error
		queries int
		err     error
	}{
		{"before any row it is repeated", []error{serialization, serialization, nil}, 3, nil},
		{"after a row it is not", []error{nil, serialization}, 1, serialization},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, record := NewContext(t.Context())
			s := &script{answers: tt.answers}
			rows, err := (&conn{}).repeatRows(ctx, "SELECT 1", func() (driver.Rows, error) { return lateRows{s}, nil })
			if err != nil {
				t.Fatal(err)
			}
			for err == nil && len(s.answers) > 0 {
				err = rows.Next(make([]driver.Value, 1))
			}
			if !errors.Is(err, tt.err) {
				t.Errorf("got %v, want %v", err, tt.err)
			}
			if got, want := record.Statements(), tt.queries; got != want {
				t.Errorf("got %d queries, want %d", got, want)
			}
			if got, want := record.Failure() != nil, tt.err != nil; got != want {
				t.Errorf("got failure %v, want one: %v", record.Failure(), want)
			}
		})
	}
}
