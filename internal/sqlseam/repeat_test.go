package sqlseam

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"
)

// script is a driver whose statements answer as told, one after the other over all connections.
type script struct{ answers []error }

func (s *script) next() error {
	if len(s.answers) == 0 {
		return nil
	}
	err := s.answers[0]
	s.answers = s.answers[1:]
	return err
}

func (s *script) Open(string) (driver.Conn, error) { return scriptConn{s}, nil }

type scriptConn struct{ script *script }

func (c scriptConn) Prepare(string) (driver.Stmt, error) { return scriptStmt(c), nil }

func (c scriptConn) Close() error { return nil }

func (c scriptConn) Begin() (driver.Tx, error) { return scriptTx{}, nil }

func (c scriptConn) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), c.script.next()
}

type scriptStmt struct{ script *script }

func (s scriptStmt) Close() error { return nil }

func (s scriptStmt) NumInput() int { return -1 }

func (s scriptStmt) Exec([]driver.Value) (driver.Result, error) {
	return driver.RowsAffected(1), s.script.next()
}

func (s scriptStmt) Query([]driver.Value) (driver.Rows, error) { return nil, s.script.next() }

type scriptTx struct{}

func (scriptTx) Commit() error { return nil }

func (scriptTx) Rollback() error { return nil }

// What database/sql does again by itself is neither counted twice nor a failure.
func TestRepetitions(t *testing.T) {
	outside := func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, "x")
		return err
	}
	inside := func(ctx context.Context, db *sql.DB) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "x")
		return errors.Join(err, tx.Rollback())
	}
	both := func(ctx context.Context, db *sql.DB) error {
		return errors.Join(inside(ctx, db), outside(ctx, db))
	}
	dead := driver.ErrBadConn
	tests := []struct {
		name       string
		answers    []error
		run        func(context.Context, *sql.DB) error
		statements int
		failure    error
		succeeds   bool
	}{
		{"a statement that the driver wants prepared counts once", []error{driver.ErrSkip}, outside, 1, nil, true},
		{"a dead connection is replaced", []error{dead}, outside, 1, nil, true},
		{"two dead connections are replaced", []error{dead, dead}, outside, 1, nil, true},
		{"a database without a live connection is a failure", []error{dead, dead, dead}, outside, 0, dead, false},
		{"a transaction cannot be repeated", []error{dead}, inside, 0, dead, false},
		{"what a transaction met stays when a later statement succeeds", []error{dead}, both, 1, dead, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			connector, err := wrapped{Driver: &script{answers: tt.answers}}.OpenConnector("")
			if err != nil {
				t.Fatal(err)
			}
			db := sql.OpenDB(connector)
			defer db.Close()
			ctx, record := NewContext(t.Context())
			err = tt.run(ctx, db)
			if got := err == nil; got != tt.succeeds {
				t.Errorf("got error %v, want success: %v", err, tt.succeeds)
			}
			if got, want := record.Statements(), tt.statements; got != want {
				t.Errorf("got %d statements, want %d", got, want)
			}
			if got := record.Failure(); !errors.Is(got, tt.failure) {
				t.Errorf("got failure %v, want %v", got, tt.failure)
			}
		})
	}
}
