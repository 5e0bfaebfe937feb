package audit

import (
	"context"
	"testing"
	"time"

	"example.com/identityd/internal/store"
	"example.com/identityd/internal/tried"
)

// boundAfterTheClockWentBack anchors, sets the clock two hours back, writes, anchors again, and returns the ends
// that the second anchor binds.
func boundAfterTheClockWentBack(t *testing.T, anchorsRule bool) (bound heads, writer string, last int64) {
	t.Helper()
	db := openDB(t)
	first := openTrail(t, db) // as a process with the old clock
	if err := first.Write(t.Context(), Event{Kind: "LoginSucceeded", Subject: person}); err != nil {
		t.Fatal(err)
	}
	if _, made, err := first.Anchor(t.Context()); err != nil || !made {
		t.Fatalf("made %v, %v", made, err)
	}
	trail := New(Config{
		DB: db, Dialect: store.SQLite, Wraps: [][]byte{wrapOf(t, "a secret")}, Region: "here", Version: "test",
		Now: func() time.Time { return time.Now().Add(-2 * time.Hour) },
	})
	trail.anchorsRule = anchorsRule
	trail.Open(t.Context())
	t.Cleanup(func() { trail.Close(context.Background()) }) //nolint:errcheck // the test is over
	if err := trail.Write(t.Context(), Event{Kind: "LoginSucceeded", Subject: person}); err != nil {
		t.Fatal(err)
	}
	a, made, err := trail.Anchor(t.Context())
	if err != nil || !made {
		t.Fatalf("made %v, %v", made, err)
	}
	bound, err = readHeads(a.Heads)
	if err != nil {
		t.Fatal(err)
	}
	err = db.QueryRow("SELECT max(seq) FROM identityd_audit WHERE writer = $1", trail.Writer()).Scan(&last)
	if err != nil {
		t.Fatal(err)
	}
	return bound, trail.Writer(), last
}

func TestAnchorsBindWhatIsWrittenAfterTheClockWentBack(t *testing.T) {
	bound, writer, last := boundAfterTheClockWentBack(t, false)
	tried.Report(t, "the clock goes two hours back between two anchors", "the second binds record %d of %d", bound[writer].seq, last)
	if bound[writer].seq != last || last == 0 {
		t.Errorf("got %d bound of %d", bound[writer].seq, last)
	}
	t.Run("without, they could go without showing", func(t *testing.T) {
		bound, writer, last := boundAfterTheClockWentBack(t, true)
		tried.Report(t, "the same by the time of the first anchor alone", "the second binds record %d of %d", bound[writer].seq, last)
		if bound[writer].seq != 0 {
			t.Errorf("got %d bound of %d: the test above proves nothing", bound[writer].seq, last)
		}
	})
}
