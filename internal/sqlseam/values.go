package sqlseam

import (
	"database/sql/driver"

	"github.com/gofrs/uuid"
	"github.com/jackc/pgx/v5/stdlib"
)

// CheckNamedValue implements driver.NamedValueChecker.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	n, ok := c.Conn.(driver.NamedValueChecker)
	if !ok {
		return driver.ErrSkip
	}
	if _, ok := c.Conn.(*stdlib.Conn); ok {
		v.Value = plainID(v.Value)
	}
	return n.CheckNamedValue(v)
}

// plainID returns an id as the text that it gives itself to databases. pgx would ask it for that text, fail to write
// it in the binary form of the column, word an error that nobody sees, parse the text and write what comes of it
// (docs/ory-quirks.md#q141): a third of what whoami allocates for its arguments. Every statement of the engines
// has one.
func plainID(v any) any {
	switch id := v.(type) {
	case uuid.UUID:
		return id.String()
	case *uuid.UUID:
		if id == nil {
			return nil
		}
		return id.String()
	case uuid.NullUUID:
		if !id.Valid {
			return nil
		}
		return id.UUID.String()
	}
	return v
}
