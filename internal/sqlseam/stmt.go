package sqlseam

import (
	"context"
	"database/sql/driver"
)

// stmt is a prepared statement that counts each of its executions.
type stmt struct {
	driver.Stmt
	conn *conn
}

var (
	_ driver.StmtExecContext   = (*stmt)(nil)
	_ driver.StmtQueryContext  = (*stmt)(nil)
	_ driver.NamedValueChecker = (*stmt)(nil)
)

// ExecContext implements driver.StmtExecContext.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	var (
		res driver.Result
		err error
	)
	if e, ok := s.Stmt.(driver.StmtExecContext); ok {
		res, err = e.ExecContext(ctx, args)
	} else {
		res, err = s.Exec(values(args)) // the fallback that database/sql itself uses
	}
	s.conn.observe(ctx, err)
	return res, err
}

// QueryContext implements driver.StmtQueryContext.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	var (
		inner driver.Rows
		err   error
	)
	if q, ok := s.Stmt.(driver.StmtQueryContext); ok {
		inner, err = q.QueryContext(ctx, args)
	} else {
		inner, err = s.Query(values(args)) // the fallback that database/sql itself uses
	}
	s.conn.observe(ctx, err)
	if err != nil {
		return nil, err
	}
	return &rows{Rows: inner, ctx: ctx}, nil
}

// CheckNamedValue implements driver.NamedValueChecker. database/sql asks the connection only when
// the statement cannot be asked, which ours always can.
func (s *stmt) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := s.Stmt.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return s.conn.CheckNamedValue(v)
}

func values(args []driver.NamedValue) []driver.Value {
	out := make([]driver.Value, len(args))
	for i, a := range args {
		out[i] = a.Value
	}
	return out
}
