package audit

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

// openDB is a database with our own tables, in a file.
func openDB(t *testing.T) *sql.DB {
	t.Helper()
	sqlseam.Register()
	_, dsn, err := store.Resolve(store.Settings{URL: "sqlite://" + filepath.Join(t.TempDir(), "data")})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Wait(t.Context(), dsn, store.WaitOptions{Create: true, Reason: func(string) {}, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(dsn, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := store.MigrateOwn(t.Context(), db, store.SQLite); err != nil {
		t.Fatal(err)
	}
	return db
}

func wrapOf(t *testing.T, secret string) []byte {
	t.Helper()
	w, err := Wrap(secret)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// openTrail is a trail that writes, until the end of the test.
func openTrail(t *testing.T, db *sql.DB) *Trail {
	t.Helper()
	trail := New(Config{DB: db, Dialect: store.SQLite, Wraps: [][]byte{wrapOf(t, "a secret")}, Region: "here", Version: "test"})
	trail.Open(t.Context())
	t.Cleanup(func() { trail.Close(context.Background()) }) //nolint:errcheck // some tests spoil the database
	return trail
}

const person = "11111111-2222-4333-8444-555555555555"

func TestTrail(t *testing.T) {
	t.Run("what was written is there when Write returns, with its request", func(t *testing.T) {
		db := openDB(t)
		trail := openTrail(t, db)
		ctx := WithScene(t.Context(), &Scene{Request: "r1", Address: "192.0.2.1", Agent: "a browser"})
		if err := trail.Write(ctx, Event{Kind: "LoginSucceeded", Subject: person, Session: "s1"}); err != nil {
			t.Fatal(err)
		}
		var kind, actor, request, sealed string
		err := db.QueryRow("SELECT kind, actor, request_id, sealed FROM identityd_audit WHERE seq = 2").Scan(&kind, &actor, &request, &sealed)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"LoginSucceeded", ActorPerson, "r1"}, []string{kind, actor, request}); diff != "" {
			t.Errorf("record (-want +got):\n%s", diff)
		}
		if sealed == "" {
			t.Error("the address is not there")
		}
	})
	t.Run("a database that refuses says so to whom waits, and takes the rest later", func(t *testing.T) {
		db := openDB(t)
		trail := openTrail(t, db)
		run(t, db, "CREATE TRIGGER refuse BEFORE INSERT ON identityd_audit BEGIN SELECT RAISE(FAIL, 'no'); END")
		if err := trail.Note(t.Context(), Event{Kind: "LoginFailed", Subject: person}); err != nil {
			t.Fatal(err)
		}
		if err := trail.Write(t.Context(), Event{Kind: AdminChange}); !errors.Is(err, ErrUnwritten) {
			t.Errorf("got %v, want ErrUnwritten", err)
		}
		run(t, db, "DROP TRIGGER refuse")
		if err := trail.Write(t.Context(), Event{Kind: "IdentityDeleted"}); err != nil {
			t.Fatal(err)
		}
		want := []string{WriterStarted, "LoginFailed", "IdentityDeleted"}
		if diff := cmp.Diff(want, kindsIn(t, db)); diff != "" {
			t.Errorf("kinds (-want +got):\n%s", diff)
		}
	})
	t.Run("what does not fit into the queue is counted in a record", func(t *testing.T) {
		db := openDB(t)
		trail := New(Config{DB: db, Dialect: store.SQLite})
		trail.room = 120             // a full one of the usual size takes half a minute under the race detector
		trail.patience = time.Minute // and that may not be the only thing that the machine does
		for range trail.room + 5 {
			if err := trail.Note(t.Context(), Event{Kind: "LoginSucceeded"}); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 { // beyond the half that strangers may fill
			if err := trail.Note(t.Context(), Event{Kind: "LoginFailed"}); err != nil {
				t.Fatal(err)
			}
		}
		trail.Open(t.Context())
		if err := trail.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		var gap, flood string
		if err := db.QueryRow("SELECT details FROM identityd_audit WHERE kind = $1", TrailGap).Scan(&gap); err != nil {
			t.Fatal(err)
		}
		if err := db.QueryRow("SELECT details FROM identityd_audit WHERE kind = 'LoginFailed'").Scan(&flood); err != nil {
			t.Fatal(err)
		}
		if got := trail.Stats(); got.Lost != 5 || got.Flooded != 3 {
			t.Errorf("got %d lost and %d flooded, want 5 and 3", got.Lost, got.Flooded)
		}
		if flood != `{"count":"3","more":"true"}` || gap[:12] != `{"count":"5"` {
			t.Errorf("got %s and %s", gap, flood)
		}
	})
}

func run(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatal(err)
	}
}

func kindsIn(t *testing.T, db *sql.DB) []string {
	t.Helper()
	rows, err := db.Query("SELECT kind FROM identityd_audit ORDER BY writer, seq")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var kind string
		if err := rows.Scan(&kind); err != nil {
			t.Fatal(err)
		}
		out = append(out, kind)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMergedRecordsSayHowMany(t *testing.T) {
	var batch []entry
	at := time.UnixMilli(1)
	for range 7 {
		batch = append(batch, entry{Event: Event{Kind: "LoginFailed", Address: "192.0.2.1"}, at: at})
	}
	for i := range 200 {
		batch = append(batch, entry{Event: Event{Kind: "LoginFailed", Address: string(rune('a' + i))}, at: at})
	}
	batch = append(batch, entry{Event: Event{Kind: "LoginSucceeded"}, at: at}, entry{Event: Event{Kind: "LoginSucceeded"}, at: at})
	got := merge(Kinds(), batch)
	if len(got) != sameKind+2+1 {
		t.Errorf("got %d records of %d events, want %d", len(got), len(batch), sameKind+3)
	}
	if n := got[0].Details["count"]; n != "7" {
		t.Errorf("the first says %q, want 7", n)
	}
	if n := got[len(got)-1].Details["count"]; n != "151" {
		t.Errorf("the rest is %q, want 151", n)
	}
}
