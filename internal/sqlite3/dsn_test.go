package sqlite3_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mattn/go-sqlite3"
)

func TestParametersSetWhatTheySay(t *testing.T) {
	for _, tt := range []struct{ options, pragma, want string }{
		{"", "busy_timeout", "5000"},
		{"&_busy_timeout=1234", "busy_timeout", "1234"},
		{"&_timeout=1234", "busy_timeout", "1234"},
		{"&_foreign_keys=off&_fk=", "foreign_keys", "0"},
		{"", "foreign_keys", "1"},
		{"", "journal_mode", "wal"},
		{"", "synchronous", "1"},
		{"&_sync=full", "synchronous", "2"},
		{"&_cache_size=-3000", "cache_size", "-3000"},
		{"&_locking_mode=EXCLUSIVE", "locking_mode", "exclusive"},
		{"&_recursive_triggers=true", "recursive_triggers", "1"},
		{"&_secure_delete=fast", "secure_delete", "2"},
		{"&_query_only=1", "query_only", "1"},
		{"&_mutex=full&max_conns=4&lock=false", "busy_timeout", "5000"},
	} {
		t.Run(tt.pragma+" with "+tt.options, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "test.sqlite")
			options := "?_fk=true&_journal_mode=WAL&_synchronous=NORMAL"
			if strings.Contains(tt.options, "_fk=") || strings.Contains(tt.options, "_sync=") {
				options = "?_journal_mode=WAL"
			}
			db, err := sql.Open(sqlite3.Name, file+options+tt.options)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			var got string
			if err := db.QueryRow("PRAGMA " + tt.pragma).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestParametersThatMeanNothingAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"x.sqlite?_fkk=true", `"_fkk" is no parameter`},
		{"x.sqlite?_journal_mode=WALL", `_journal_mode is "wall", want one of`},
		{"x.sqlite?_busy_timeout=10s", `_busy_timeout is "10s", want a whole number`},
		{"x.sqlite?mode=ro", "mode works only in a name that begins with file:, as in file:name?mode=ro"},
		{"x.sqlite?_pragma=foreign_keys(0)", `"_pragma" is no parameter`},
		{"x.sqlite?_auth&_auth_user=me", `"_auth" is no parameter`},
		{"x.sqlite?_fk=%zz", "malformed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			_, err := new(sqlite3.SQLiteDriver).Open(tt.name)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if _, err := os.Stat("x.sqlite"); err == nil {
				t.Error("the file was made all the same")
			}
		})
	}
}

func TestNamesAreTakenAsTheyAre(t *testing.T) {
	for _, name := range []string{"50% of #1.sqlite", "a&b=c.sqlite", "file.sqlite", "über.sqlite"} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), name)
			exec(t, openFile(t, file, ""), "CREATE TABLE t (id INT)")
			if _, err := os.Stat(file); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAReadOnlyURIMakesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none.sqlite")
	db, err := sql.Open(sqlite3.Name, "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.PingContext(context.Background()); err == nil {
		t.Error("a file that does not exist was opened")
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the file was made")
	}
}

func TestAMemoryDatabaseIsSharedByItsConnections(t *testing.T) {
	db, err := sql.Open(sqlite3.Name, "file:shared-by-two?mode=memory&cache=shared&_fk=true")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	one, two := connect(t, db), connect(t, db)
	exec(t, one, "CREATE TABLE t (id INT)")
	exec(t, two, "INSERT INTO t VALUES (1)")
}
