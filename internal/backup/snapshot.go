package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/mattn/go-sqlite3"
)

type copying struct{ from, to string }

// options are those of a connection that copies: it waits for whoever writes, and writes nothing.
const options = "?_busy_timeout=10000&_query_only=true"

// snapshot copies databases as they were at one moment, and returns the moment. It begins to read in
// all of them before it copies the first: the copies are apart by what happens between two statements.
func snapshot(ctx context.Context, copies []copying) (time.Time, error) {
	conns := make([]*sql.Conn, len(copies))
	for i, c := range copies {
		if _, err := os.Stat(c.from); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				err = errors.New("there is no such database; identityd serve makes it at its first start")
			}
			return time.Time{}, fmt.Errorf("backing up %s: %w", c.from, err)
		}
		db, err := sql.Open(sqlite3.Name, c.from+options)
		if err != nil {
			return time.Time{}, fmt.Errorf("backing up %s: %w", c.from, err)
		}
		defer db.Close()
		if conns[i], err = db.Conn(ctx); err != nil {
			return time.Time{}, fmt.Errorf("backing up %s: %w", c.from, err)
		}
		defer conns[i].Close() //nolint:errcheck // nothing was written through it
	}
	for i, c := range copies {
		// BEGIN alone reads nothing yet.
		for _, query := range []string{"BEGIN", "SELECT count(*) FROM sqlite_master"} {
			if _, err := conns[i].ExecContext(ctx, query); err != nil {
				return time.Time{}, fmt.Errorf("backing up %s: %w", c.from, err)
			}
		}
	}
	moment := time.Now()
	for i, c := range copies {
		// SQLite would make it readable for everybody.
		if err := writeFile(c.to, nil); err != nil {
			return time.Time{}, err
		}
		err := conns[i].Raw(func(raw any) error {
			source, ok := raw.(interface {
				Backup(ctx context.Context, file string) error
			})
			if !ok {
				return errors.New("the driver cannot copy")
			}
			return source.Backup(ctx, c.to)
		})
		if err != nil {
			return time.Time{}, fmt.Errorf("backing up %s: %w", c.from, err)
		}
		if _, err := conns[i].ExecContext(ctx, "ROLLBACK"); err != nil {
			return time.Time{}, fmt.Errorf("backing up %s: %w", c.from, err)
		}
	}
	return moment, nil
}

// inspect refuses a database that is damaged, and returns its newest migration. It leaves one file,
// without a journal beside it.
func inspect(ctx context.Context, file string) (schema string, err error) {
	db, err := sql.Open(sqlite3.Name, file+"?_busy_timeout=10000&_journal_mode=delete")
	if err != nil {
		return "", fmt.Errorf("checking %s: %w", file, err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return "", fmt.Errorf("checking %s: %w", file, err)
	}
	if verdict != "ok" {
		return "", fmt.Errorf("checking %s: SQLite finds it damaged: %s", file, verdict)
	}
	var tables int
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE name = 'schema_migration'").Scan(&tables)
	if err != nil || tables == 0 {
		return "", err
	}
	var newest sql.NullString
	if err := db.QueryRowContext(ctx, "SELECT max(version) FROM schema_migration").Scan(&newest); err != nil {
		return "", fmt.Errorf("checking %s: %w", file, err)
	}
	return newest.String, nil
}

// syncFolder has the names in a folder on the disk, where the system can do that.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("writing %s: %w", folder, err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) &&
		!errors.Is(err, fs.ErrInvalid) { // Windows syncs no folders
		return fmt.Errorf("writing %s: %w", folder, err)
	}
	return nil
}
