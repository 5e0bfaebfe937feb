package sqlite3

import (
	"context"
	"database/sql/driver"
)

type innerStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// stmt is a prepared statement.
type stmt struct {
	inner innerStmt
	conn  *conn
}

var _ innerStmt = (*stmt)(nil)

// Close implements driver.Stmt.
func (s *stmt) Close() error { return convert(s.inner.Close()) }

// NumInput implements driver.Stmt. -1 leaves the check to the driver below, which knows names as well.
func (s *stmt) NumInput() int { return s.inner.NumInput() }

// Exec implements driver.Stmt.
func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), named(args))
}

// Query implements driver.Stmt.
func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), named(args))
}

// ExecContext implements driver.StmtExecContext.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	ctx, cancel := s.conn.bound(ctx)
	defer cancel()
	res, err := s.inner.ExecContext(ctx, args)
	return result(res), s.conn.convert(ctx, err)
}

// QueryContext implements driver.StmtQueryContext.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	ctx, cancel := s.conn.bound(ctx)
	inner, err := s.inner.QueryContext(ctx, args)
	return s.conn.rows(ctx, inner, err, cancel)
}

func named(args []driver.Value) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, v := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return out
}

// result is what a text with no statement in it did: the driver below has no result for it.
func result(res driver.Result) driver.Result {
	if res == nil {
		return nothing{}
	}
	return res
}

type nothing struct{}

// LastInsertId implements driver.Result.
func (nothing) LastInsertId() (int64, error) { return 0, nil }

// RowsAffected implements driver.Result.
func (nothing) RowsAffected() (int64, error) { return 0, nil }
