//go:build ignore

// Command mattn made mattn.sqlite, with the real github.com/mattn/go-sqlite3 v1.14.53. To run it again, copy
// it into a module of its own that requires that version:
//
//	go mod init fixture && go get github.com/mattn/go-sqlite3@v1.14.53 && go run mattn.go mattn.sqlite
package main

import (
	"database/sql"
	"log"
	"os"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

func main() {
	db, err := sql.Open("sqlite3", os.Args[1]+"?_fk=true&_busy_timeout=10000&_synchronous=NORMAL")
	if err != nil {
		log.Fatal(err)
	}
	exec := func(query string, args ...any) {
		if _, err := db.Exec(query, args...); err != nil {
			log.Fatal(query, ": ", err)
		}
	}
	exec(`CREATE TABLE moments (id INTEGER PRIMARY KEY, name VARCHAR(64) NOT NULL UNIQUE, at TIMESTAMP, at_datetime DATETIME,
		on_date DATE, flag BOOLEAN NOT NULL DEFAULT 'false', amount REAL, count INT, data BLOB, doc JSON, free)`)
	east, west := time.FixedZone("", 2*3600), time.FixedZone("", -5*3600-1800)
	base := time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)
	insert := `INSERT INTO moments (id, name, at, at_datetime, on_date, flag, amount, count, data, doc, free) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	exec(insert, 1, "utc", base, base, base, true, 1.5, 7, []byte{0, 1, 255}, `{"a": 1}`, "text")
	exec(insert, 2, "nanoseconds", base.Add(123456789), base.Add(123456789), base, false, -0.25, -7, []byte{}, `[]`, 12)
	exec(insert, 3, "east", base.In(east), base.In(east), base, true, 0.0, 0, nil, `null`, 2.5)
	exec(insert, 4, "west with half an hour", base.In(west), base.In(west), base, false, nil, nil, []byte("x"), nil, nil)
	exec(insert, 5, "nothing", nil, nil, nil, false, nil, nil, nil, nil, []byte("blob"))
	exec(insert, 6, "milliseconds", base.Add(250*time.Millisecond), nil, nil, true, 1e300, int64(1)<<62, []byte("ü"), `"ü"`, "ü")
	exec(`INSERT INTO moments (id, name, at, flag) VALUES (7, 'by SQLite', CURRENT_TIMESTAMP, 1), (8, 'seconds', 1774747800, 0), (9, 'zulu', '2026-03-29T01:30:00Z', 1)`)
	if err := db.Close(); err != nil {
		log.Fatal(err)
	}
}
