package store

import (
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"example.com/identityd/internal/sqlseam"
)

// OpenReadOnly opens a pool of its own that cannot write, for those who only look. On SQLite nothing is made
// beside the file either: without a log of writes nobody has it open, and it is read as if it could not
// change (sqlite.org/uri.html, immutable), which a reader of a file in WAL mode would make a log for otherwise.
func OpenReadOnly(d DSN) (*sql.DB, error) {
	if d.dialect != SQLite {
		return Open(d.edit(func(q url.Values) {
			if q.Has("statement_timeout") { // without it a pooler is between, which refuses the settings of a session
				q.Set("default_transaction_read_only", "on")
			}
		}), "")
	}
	options := url.Values{"mode": {"ro"}, "_busy_timeout": {"5000"}, "_query_only": {"1"}}
	if _, err := os.Stat(d.File() + "-wal"); errors.Is(err, fs.ErrNotExist) {
		options.Set("immutable", "1")
	}
	path := (&url.URL{Path: filepath.ToSlash(d.File())}).EscapedPath()
	return sql.Open(sqlseam.SQLiteDriver, "file:"+path+"?"+options.Encode())
}
