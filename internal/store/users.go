package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Users says in a few words who works with a database of a server right now: the holder of a lease;
// empty for nobody. Files of SQLite have owners instead (Own).
func Users(ctx context.Context, d DSN) (string, error) {
	if d.dialect == SQLite {
		return "", nil
	}
	db, err := Open(d, "")
	if err != nil {
		return "", err
	}
	defer db.Close()
	rows := newSQLRows(db, d.dialect)
	var name, holder string
	err = db.QueryRowContext(ctx, "SELECT name, holder FROM identityd_lease WHERE holder <> '' AND expires_at > "+rows.now+
		" ORDER BY name LIMIT 1").Scan(&name, &holder)
	switch {
	case err == nil:
		return fmt.Sprintf("%s holds the lease %s", holder, name), nil
	case err == sql.ErrNoRows, isMissingTable(err, d.dialect), isMissingDatabase(err): //nolint:errorlint // Scan returns it as it is
		return "", nil
	}
	return "", fmt.Errorf("looking for the users of %s: %w", d, err)
}
