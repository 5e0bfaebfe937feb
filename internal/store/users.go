package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Users says in a few words who works with the database right now, empty for nobody: the holder of a
// lease on a server, a process that has the file of SQLite open. It has to be asked before this
// process opens that file itself.
func Users(ctx context.Context, d DSN) (string, error) {
	if d.dialect == SQLite {
		return fileUser(d.File())
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
