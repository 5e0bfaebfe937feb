package stack

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

// writeProbe is more than SQLite asks for at once, so that it does not find itself in the same place
// with its first page.
const writeProbe = 1 << 20

// writableCheck is a check that a SQLite database which could not be written passes only when there is
// room again. While all goes well it asks nothing; the failed statement of somebody else is what it
// learns from. Without it a full disk would look ready: reads go on.
func writableCheck(dsn store.DSN, ping func(context.Context) error) func(context.Context) error {
	if dsn.Dialect() != store.SQLite || dsn.Memory() {
		return ping
	}
	return func(ctx context.Context) error {
		if sqlseam.Unwritable(dsn.File()) != nil {
			if err := tryToWrite(filepath.Dir(dsn.File())); err != nil {
				return errors.New("the database cannot be written, its disk may be full")
			}
			sqlseam.Writable(dsn.File())
		}
		return ping(ctx)
	}
}

// tryToWrite writes a file beside the databases and takes it away again. Nobody would write if it waited
// for a statement of a request: what is not ready gets none.
func tryToWrite(folder string) error {
	f, err := os.CreateTemp(folder, ".identityd-room-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // the next one tries as well
	_, err = f.Write(make([]byte, writeProbe))
	return errors.Join(err, f.Sync(), f.Close())
}
