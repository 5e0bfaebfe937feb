package audit

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/store"
	"example.com/identityd/internal/tried"
)

// twoChains are two writers with five records each, of which an anchor binds the first four.
func twoChains(t *testing.T, db *sql.DB) []string {
	t.Helper()
	var names []string
	for range 2 {
		trail := openTrail(t, db)
		names = append(names, trail.Writer())
		for range 3 {
			if err := trail.Write(t.Context(), Event{Kind: "LoginSucceeded", Subject: person, Address: "192.0.2.7"}); err != nil {
				t.Fatal(err)
			}
		}
		if _, made, err := trail.Anchor(t.Context()); err != nil || !made {
			t.Fatalf("made %v, %v", made, err)
		}
		if err := trail.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func TestWhatIsChangedOrMissingShows(t *testing.T) {
	tests := []struct {
		name  string
		spoil []string // $1 is the first writer, $2 the second
		want  string   // empty: whole
		where string
	}{
		{name: "nothing was done to it"},
		{
			name:  "a record was changed",
			spoil: []string{"UPDATE identityd_audit SET subject = 'somebody else' WHERE id = '$1.000000000003'"},
			want:  "was changed: its hash is not that of what it says", where: "$1.000000000003",
		},
		{
			name: "a record was changed and its hash with it",
			spoil: []string{
				"UPDATE identityd_audit SET prev = (SELECT hash FROM identityd_audit WHERE id = '$2.000000000002'), hash = 'x' WHERE id = '$1.000000000003'",
			},
			want: "was changed", where: "$1.000000000003",
		},
		{
			name:  "a record in the middle was deleted",
			spoil: []string{"DELETE FROM identityd_audit WHERE id = '$1.000000000003'"},
			want:  "record 3 before it is missing", where: "$1.000000000004",
		},
		{
			name:  "the first records were deleted",
			spoil: []string{"DELETE FROM identityd_audit WHERE writer = '$1' AND seq < 3"},
			want:  "records 1 to 2 before it are missing", where: "$1.000000000003",
		},
		{
			name:  "the end of a chain was cut off",
			spoil: []string{"DELETE FROM identityd_audit WHERE writer = '$1' AND seq > 2"},
			want:  "the end of its chain is missing: anchor 2 bound record 5, the last one there is 2", where: "writer $1",
		},
		{
			name:  "a whole writer was removed",
			spoil: []string{"DELETE FROM identityd_audit WHERE writer = '$2'"},
			want:  "its whole chain of at least 4 records is missing (anchor 2 bound it)", where: "writer $2",
		},
		{
			name: "two records changed places",
			spoil: []string{
				"UPDATE identityd_audit SET id = 'x' WHERE id = '$1.000000000002'",
				"UPDATE identityd_audit SET id = '$1.000000000002' WHERE id = '$1.000000000003'",
				"UPDATE identityd_audit SET id = '$1.000000000003' WHERE id = 'x'",
			},
			want: "says to be record 3 of $1", where: "$1.000000000002",
		},
		{
			name:  "an anchor was changed",
			spoil: []string{"UPDATE identityd_audit_anchor SET heads = '{}' WHERE number = 1"},
			want:  "was changed: its hash is not that of what it says", where: "anchor 1",
		},
		{
			name:  "the first anchor was removed",
			spoil: []string{"DELETE FROM identityd_audit_anchor WHERE number = 1"},
			want:  "anchors before it are missing, and no retention removed them", where: "anchor 2",
		},
		{
			name: "a chain was made anew with its anchor, without the secret",
			spoil: []string{
				"DELETE FROM identityd_audit WHERE writer = '$2'", "DELETE FROM identityd_audit_anchor WHERE number = 2", "FORGE",
			},
			want: "was not made by a process that knows the secret", where: "anchor 2",
		},
		{
			name:  "everything after an anchor that was kept elsewhere is gone",
			spoil: []string{"DELETE FROM identityd_audit WHERE writer = '$2'", "DELETE FROM identityd_audit_anchor WHERE number = 2", "KEEP 2"},
			want:  "is not there; it was kept elsewhere", where: "anchor 2",
		},
	}
	found := 0
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db := openDB(t)
			names := twoChains(t, db)
			words := strings.NewReplacer("$1", names[0], "$2", names[1])
			var known []Known
			newest, _, err := Newest(t.Context(), db)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range tt.spoil {
				switch s {
				case "FORGE":
					one, err := scanAnchor(db.QueryRow("SELECT " + anchorColumns + " FROM identityd_audit_anchor WHERE number = 1"))
					if err != nil {
						t.Fatal(err)
					}
					forged := Anchor{Number: 2, At: newest.At, Writer: newest.Writer, Prev: one.Hash, Heads: "{}", Cuts: "{}"}
					forged.Hash = forged.sum()
					forged.MAC = newest.MAC[:9] + strings.Repeat("0", 64)
					if err := store.Tx(t.Context(), db, store.SQLite, func(tx *sql.Tx) error {
						_, err := insertAnchor(t.Context(), tx, forged)
						return err
					}); err != nil {
						t.Fatal(err)
					}
				case "KEEP 2":
					known = append(known, Known{newest.Number, newest.Hash})
				default:
					run(t, db, words.Replace(s))
				}
			}
			report, err := Verify(t.Context(), db, [][]byte{wrapOf(t, "a secret")}, known...)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				if len(report.Findings) > 0 || report.Records != 10 || report.Writers != 2 || report.Anchors != 2 {
					t.Errorf("got %+v, want 10 whole records of 2 writers and 2 anchors", report)
				}
				return
			}
			want := Finding{words.Replace(tt.where), words.Replace(tt.want)}
			for _, f := range report.Findings {
				if f.Where == want.Where && strings.Contains(f.What, want.What) {
					found++
					return
				}
			}
			t.Errorf("got %v, want %v", report.Findings, want)
		})
	}
	tried.Report(t, "a record changed, removed, moved, a tail, a writer, an anchor removed or forged, by SQL",
		"%d of %d found by audit verify", found, len(tests)-1)
}

func TestErasingAPersonKeepsTheChainWhole(t *testing.T) {
	db := openDB(t)
	run(t, db, "CREATE TABLE identities (id TEXT PRIMARY KEY)")
	run(t, db, "INSERT INTO identities VALUES ($1)", person)
	trail := openTrail(t, db)
	other := "99999999-2222-4333-8444-555555555555"
	run(t, db, "INSERT INTO identities VALUES ($1)", other)
	write := func(kind, on string) {
		t.Helper()
		if err := trail.Write(t.Context(), Event{Kind: kind, Subject: on, Address: "192.0.2.7", Agent: "Firefox"}); err != nil {
			t.Fatal(err)
		}
	}
	write("LoginSucceeded", person)
	write("LoginSucceeded", other)
	if erased, err := trail.Erase(t.Context(), person); err != nil || erased {
		t.Errorf("got %v, %v for a person who is there, want false", erased, err)
	}
	read := func(on string) (addresses string, unreadable int) {
		t.Helper()
		err := NewReader(db, trail.cfg.Wraps).Each(t.Context(), Filter{Subject: on}, func(r Read) error {
			addresses += r.Address + " "
			if r.Unreadable {
				unreadable++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return addresses, unreadable
	}
	before, _ := read(person)
	if before != "192.0.2.7 " {
		t.Errorf("got %q before, want the address", before)
	}
	run(t, db, "DELETE FROM identities WHERE id = $1", person)
	write("IdentityDeleted", person)
	for range 100 { // it happens right after the record was written
		if after, n := read(person); after == "  " && n == 2 {
			break
		}
		if err := trail.Write(t.Context(), Event{Kind: "SessionLifespanExtended"}); err != nil {
			t.Fatal(err)
		}
	}
	write("LoginSucceeded", person) // what comes late makes no new key
	after, unreadable := read(person)
	if strings.TrimSpace(after) != "" || unreadable != 2 {
		t.Errorf("got %q and %d unreadable, want nothing and 2", after, unreadable)
	}
	if kept, _ := read(other); kept != "192.0.2.7 " {
		t.Errorf("got %q of another person, want the address", kept)
	}
	report, err := Verify(t.Context(), db, trail.cfg.Wraps)
	if err != nil || len(report.Findings) > 0 {
		t.Errorf("got %v, %v, want a whole chain", report.Findings, err)
	}
	tried.Report(t, "the address in the records of a person, before and after the account was deleted",
		"before: readable; after: %d records unreadable, %d faults in the chain", unreadable, len(report.Findings))
}

func TestRetentionLetsGoOfTheBeginningAndVerifiesAfterIt(t *testing.T) {
	db := openDB(t)
	now := time.Now().Add(-500 * 24 * time.Hour)
	trail := New(Config{DB: db, Dialect: store.SQLite, Wraps: [][]byte{wrapOf(t, "a secret")}, Now: func() time.Time { return now }})
	trail.Open(t.Context())
	t.Cleanup(func() { trail.Close(context.Background()) }) //nolint:errcheck // it was closed
	anchored := func() {
		t.Helper()
		if err := trail.Write(t.Context(), Event{Kind: "LoginSucceeded", Subject: person}); err != nil {
			t.Fatal(err)
		}
		if _, made, err := trail.Anchor(t.Context()); err != nil || !made {
			t.Fatal(made, err)
		}
	}
	anchored()
	anchored()
	first, _, err := Newest(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	now = time.Now()
	anchored()
	if done, err := trail.Prune(t.Context(), 400*24*time.Hour); err != nil || !done {
		t.Fatalf("got %v, %v, want a cut", done, err)
	}
	if err := trail.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	whole := func(stage string) {
		t.Helper()
		report, err := Verify(t.Context(), db, trail.cfg.Wraps, Known{first.Number, first.Hash})
		if err != nil || len(report.Findings) > 0 {
			t.Errorf("%s: got %v, %v, want none", stage, report.Findings, err)
		}
	}
	whole("before the janitor")
	// As the janitor does, in part and then wholly (internal/janitor/tables_kratos.go).
	dead := "DELETE FROM identityd_audit WHERE EXISTS (SELECT 1 FROM identityd_audit_cut c WHERE c.writer = identityd_audit.writer AND identityd_audit.seq <= c.seq)"
	run(t, db, dead+" AND seq = 2")
	whole("half way")
	run(t, db, dead)
	whole("after it")
	var n int
	if err := db.QueryRow("SELECT count(*) FROM identityd_audit WHERE seq <= 3").Scan(&n); err != nil || n != 0 {
		t.Errorf("got %d old records, %v", n, err)
	}
	run(t, db, "DELETE FROM identityd_audit WHERE seq = 4")
	report, err := Verify(t.Context(), db, trail.cfg.Wraps)
	if err != nil || len(report.Findings) == 0 {
		t.Errorf("got %v, %v: what was removed beyond the cut does not show", report.Findings, err)
	}
}

func TestKeysAreWrappedAnewAfterARotation(t *testing.T) {
	db := openDB(t)
	trail := openTrail(t, db)
	if err := trail.Write(t.Context(), Event{Kind: "LoginSucceeded", Subject: person, Address: "192.0.2.7"}); err != nil {
		t.Fatal(err)
	}
	if err := trail.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	address := func(secrets ...string) string {
		t.Helper()
		var wraps [][]byte
		for _, s := range secrets {
			wraps = append(wraps, wrapOf(t, s))
		}
		list, err := NewReader(db, wraps).Latest(t.Context(), Filter{Subject: person}, 0, 1)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0].Address
	}
	rotated := New(Config{DB: db, Dialect: store.SQLite, Wraps: [][]byte{wrapOf(t, "newer"), wrapOf(t, "a secret")}})
	if got := address("newer", "a secret"); got != "192.0.2.7" {
		t.Errorf("got %q with both secrets", got)
	}
	if got := address("newer"); got != "" {
		t.Errorf("got %q before the keys were wrapped anew", got)
	}
	if err := rotated.Rewrap(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := address("newer"); got != "192.0.2.7" {
		t.Errorf("got %q with the new secret alone", got)
	}
	t.Run("a secret that is gone is no obstacle to new records", func(t *testing.T) {
		lost := New(Config{DB: db, Dialect: store.SQLite, Wraps: [][]byte{wrapOf(t, "another")}})
		lost.Open(t.Context())
		if err := lost.Write(t.Context(), Event{Kind: "LoginSucceeded", Subject: person, Address: "192.0.2.8"}); err != nil {
			t.Fatal(err)
		}
		if err := lost.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := address("another"); got != "192.0.2.8" {
			t.Errorf("got %q", got)
		}
	})
}

// TestAProcessThatDiesLeavesAWholeChain: what a crash leaves is what was committed.
func TestAProcessThatDiesLeavesAWholeChain(t *testing.T) {
	db := openDB(t)
	dying := openTrail(t, db)
	for range 5 {
		if err := dying.Write(t.Context(), Event{Kind: "LoginSucceeded", Subject: person, Address: "192.0.2.7"}); err != nil {
			t.Fatal(err)
		}
	}
	dying.stop() // without a word
	<-dying.ended
	if err := dying.Note(t.Context(), Event{Kind: "LoginSucceeded"}); !errors.Is(err, ErrUnwritten) {
		t.Errorf("got %v of a trail that has ended, want ErrUnwritten", err)
	}
	next := openTrail(t, db)
	if err := next.Write(t.Context(), Event{Kind: "LoginFailed"}); err != nil {
		t.Fatal(err)
	}
	report, err := Verify(t.Context(), db, next.cfg.Wraps)
	if err != nil || len(report.Findings) > 0 || report.Writers != 2 || report.Records != 8 {
		t.Errorf("got %+v, %v, want 8 whole records of 2 writers", report, err)
	}
}
