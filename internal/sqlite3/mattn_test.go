package sqlite3_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

// old copies the file that mattn's driver made (testdata/mattn.go).
func old(t *testing.T) *sql.DB {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "mattn.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "mattn.sqlite")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return openFile(t, file, "")
}

type row struct {
	At, AtDatetime, OnDate sql.NullTime
	Flag                   any
	Amount                 sql.NullFloat64
	Count                  sql.NullInt64
	Data                   []byte
	Doc                    sql.NullString
	Free                   any
}

func TestRowsOfTheOldDriverReadAsTheyDid(t *testing.T) {
	db := old(t)
	base := time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)
	moment := func(t time.Time) sql.NullTime { return sql.NullTime{Time: t, Valid: true} }
	text := func(s string) sql.NullString { return sql.NullString{String: s, Valid: true} }
	east, west := base.In(time.FixedZone("", 2*3600)), base.In(time.FixedZone("", -5*3600-1800))
	for name, want := range map[string]row{
		"utc": {
			moment(base), moment(base), moment(base), true,
			sql.NullFloat64{Float64: 1.5, Valid: true},
			sql.NullInt64{Int64: 7, Valid: true},
			[]byte{0, 1, 255},
			text(`{"a": 1}`), "text",
		},
		"nanoseconds": {
			moment(base.Add(123456789)), moment(base.Add(123456789)), moment(base), false,
			sql.NullFloat64{Float64: -0.25, Valid: true},
			sql.NullInt64{Int64: -7, Valid: true},
			[]byte{},
			text("[]"), int64(12),
		},
		"east": {
			moment(east), moment(east), moment(base), true,
			sql.NullFloat64{Valid: true},
			sql.NullInt64{Valid: true},
			nil,
			text("null"), 2.5,
		},
		"west with half an hour": {
			moment(west), moment(west), moment(base), false, sql.NullFloat64{}, sql.NullInt64{}, []byte("x"), sql.NullString{}, nil,
		},
		"nothing": {Flag: false, Free: []byte("blob")},
		"milliseconds": {
			At: moment(base.Add(250 * time.Millisecond)), Flag: true, Amount: sql.NullFloat64{Float64: 1e300, Valid: true},
			Count: sql.NullInt64{Int64: 1 << 62, Valid: true}, Data: []byte("ü"), Doc: text(`"ü"`), Free: "ü",
		},
		"by SQLite": {At: moment(time.Date(2026, 11, 26, 23, 24, 48, 0, time.UTC)), Flag: true},
		"seconds":   {At: moment(time.Unix(1774747800, 0).UTC()), Flag: false},
		"zulu":      {At: moment(base), Flag: true},
	} {
		t.Run(name, func(t *testing.T) {
			var got row
			err := db.QueryRow("SELECT at, at_datetime, on_date, flag, amount, count, data, doc, free FROM moments WHERE name = ?", name).
				Scan(&got.At, &got.AtDatetime, &got.OnDate, &got.Flag, &got.Amount, &got.Count, &got.Data, &got.Doc, &got.Free)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %#v\nwant %#v", got, want)
			}
		})
	}
}

// Times are compared as text, so that a row of today has to be written as a row of before.
func TestTimesAreWrittenAsTheOldDriverWroteThem(t *testing.T) {
	db := old(t)
	base := time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)
	exec(t, db, "CREATE TABLE again AS SELECT * FROM moments WHERE 0")
	for id, at := range map[int]any{
		1: base, 2: base.Add(123456789), 3: base.In(time.FixedZone("", 2*3600)),
		4: base.In(time.FixedZone("", -5*3600-1800)), 5: nil, 6: base.Add(250 * time.Millisecond),
	} {
		exec(t, db, "INSERT INTO again (id, at) VALUES (?, ?)", id, at)
	}
	var same int
	if err := db.QueryRow(`SELECT count(*) FROM moments JOIN again USING (id)
		WHERE moments.at IS again.at AND typeof(moments.at) = typeof(again.at)`).Scan(&same); err != nil {
		t.Fatal(err)
	}
	if want := 6; same != want {
		t.Errorf("got %d equal rows, want %d", same, want)
	}
	t.Run("and found by the moment they hold", func(t *testing.T) {
		var names int
		if err := db.QueryRow("SELECT count(*) FROM moments WHERE at = ? OR at > ?", base, base.Add(200*time.Millisecond)).
			Scan(&names); err != nil {
			t.Fatal(err)
		}
		if want := 5; names != want { // utc; milliseconds and the later texts: by SQLite, east, zulu
			t.Errorf("got %d, want %d", names, want)
		}
	})
}

func TestColumnsTellTheirTypes(t *testing.T) {
	rows, err := old(t).Query("SELECT name, at, at_datetime, on_date, flag, amount, count, data, free FROM moments")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		declared string
		scan     reflect.Type
	}{
		{"VARCHAR(64)", reflect.TypeFor[sql.NullString]()},
		{"TIMESTAMP", reflect.TypeFor[sql.NullTime]()},
		{"DATETIME", reflect.TypeFor[sql.NullTime]()},
		{"DATE", reflect.TypeFor[sql.NullTime]()},
		{"BOOLEAN", reflect.TypeFor[sql.NullBool]()},
		{"REAL", reflect.TypeFor[sql.NullFloat64]()},
		{"INT", reflect.TypeFor[sql.NullInt64]()},
		{"BLOB", reflect.TypeFor[sql.RawBytes]()},
		{"", reflect.TypeFor[*any]()},
	}
	for i, w := range want {
		if got := types[i].DatabaseTypeName(); got != w.declared {
			t.Errorf("%s: got declared type %q, want %q", types[i].Name(), got, w.declared)
		}
		if got := types[i].ScanType(); got != w.scan {
			t.Errorf("%s: got scan type %v, want %v", types[i].Name(), got, w.scan)
		}
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
}
