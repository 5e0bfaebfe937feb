package sqlseam

import (
	"context"
	"database/sql/driver"
	"time"
)

// wrapped is a driver whose connections count, record and repeat.
type wrapped struct {
	driver.Driver
	rewrite func(query string) string // nil leaves statements as they are
}

var _ driver.DriverContext = wrapped{}

// Open implements driver.Driver.
func (w wrapped) Open(dsn string) (driver.Conn, error) {
	c, err := w.Driver.Open(dsn)
	if err != nil {
		return nil, err
	}
	file := fileOf(w.Driver, dsn)
	return &conn{
		Conn: c, rewrite: w.rewrite, schema: process.schema.Load(), proven: process.broken.Load(), file: file, database: databaseOf(dsn),
	}, nil
}

// OpenConnector implements driver.DriverContext.
func (w wrapped) OpenConnector(dsn string) (driver.Connector, error) {
	dsn, lifetime, err := settleDSN(dsn)
	if err != nil {
		return nil, err
	}
	if dc, ok := w.Driver.(driver.DriverContext); ok {
		inner, err := dc.OpenConnector(dsn)
		if err != nil {
			return nil, err
		}
		return &connector{driver: w, lifetime: lifetime, database: databaseOf(dsn), connect: inner.Connect}, nil
	}
	file := fileOf(w.Driver, dsn)
	return &connector{driver: w, lifetime: lifetime, file: file, database: databaseOf(dsn), connect: func(context.Context) (driver.Conn, error) {
		return w.Driver.Open(dsn)
	}}, nil
}

type connector struct {
	driver   wrapped
	lifetime time.Duration
	file     string // of SQLite, or empty
	database string
	connect  func(context.Context) (driver.Conn, error)
}

// Connect implements driver.Connector. A connection that cannot be opened is a failure of the
// request that asked for it.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	broken := process.broken.Load()
	inner, err := c.connect(ctx)
	if err != nil {
		err := &ConnectError{Err: err}
		suspect(ctx, err)
		doubt(ctx, err)
		note(ctx, err)
		return nil, err.Err
	}
	return &conn{
		Conn: inner, rewrite: c.driver.rewrite, expires: expiry(c.lifetime, time.Now()), schema: process.schema.Load(),
		proven: broken, file: c.file, database: c.database,
	}, nil
}

// Driver implements driver.Connector.
func (c *connector) Driver() driver.Driver { return c.driver }
