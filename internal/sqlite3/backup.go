package sqlite3

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

// pagesPerStep is how much is copied between two looks at the context: 4 MB in pages of 4 KB.
const pagesPerStep = 1000

// Backup copies the database into a file, which is made or written over, through SQLite's online backup
// (sqlite.org/backup.html). In WAL mode nobody waits for it. Within a read transaction of this
// connection the copy is of that transaction's moment, whatever others write meanwhile.
func (c *conn) Backup(ctx context.Context, file string) (err error) {
	source, ok := c.inner.(interface {
		NewBackup(dstURI string) (*sqlite.Backup, error)
	})
	if !ok {
		return errors.New("backing up: the driver below cannot")
	}
	b, err := source.NewBackup(file)
	if err != nil {
		return fmt.Errorf("backing up: %w", convert(err))
	}
	defer func() {
		if finish := convert(b.Finish()); err == nil && finish != nil {
			err = fmt.Errorf("backing up: %w", finish)
		}
	}()
	for more := true; more; {
		if err := context.Cause(ctx); err != nil {
			return fmt.Errorf("backing up: %w", err)
		}
		if more, err = b.Step(pagesPerStep); err != nil {
			return fmt.Errorf("backing up: %w", convert(err))
		}
	}
	return nil
}
