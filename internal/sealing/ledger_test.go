package sealing

import (
	"database/sql"
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

// ledger has a clock that stands until it is set.
func ledger(t *testing.T, now *time.Time) Ledger {
	t.Helper()
	return Ledger{DB: openDB(t), Dialect: store.SQLite, Now: func() time.Time { return *now }}
}

func noon() time.Time { return time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) }

func secret(kind, fingerprint string) Secret { return Secret{Kind: kind, Fingerprint: fingerprint} }

func TestTheLedgerKnowsSinceWhenAndUntilWhenASecretSealed(t *testing.T) {
	now := noon()
	l := ledger(t, &now)
	note := func(list ...Secret) {
		t.Helper()
		if err := l.Note(t.Context(), "a", list); err != nil {
			t.Fatal(err)
		}
	}
	rows := func() map[[2]string]Row {
		t.Helper()
		got, err := l.Rows(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	note(secret("system", "old"))
	now = noon().Add(step / 2)
	note(secret("system", "old"))
	if got := rows()[[2]string{"system", "old"}]; !got.Sealing.Equal(noon()) {
		t.Errorf("within a step: got %v, want it unwritten since %v", got.Sealing, noon())
	}
	now = noon().Add(step + time.Second)
	note(secret("system", "old"))
	// The new one goes first: from here on the old one does not seal.
	rotated := now
	now = now.Add(step + time.Second)
	note(secret("system", "new"), secret("system", "old"))
	now = now.Add(3 * step)
	note(secret("system", "new"), secret("system", "old"))
	want := map[[2]string]Row{
		{"system", "old"}: {First: noon(), Sealing: rotated},
		{"system", "new"}: {First: rotated.Add(step + time.Second), Sealing: now},
	}
	if diff := cmp.Diff(want, rows()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheLedgerKnowsWhoServes(t *testing.T) {
	now := noon()
	l := ledger(t, &now)
	list := []Secret{secret("system", "s2"), secret("system", "s1"), secret("cookie", "c1")}
	for _, holder := range []string{"b", "a"} {
		if err := l.Note(t.Context(), holder, list); err != nil {
			t.Fatal(err)
		}
	}
	readers := func() []Reader {
		t.Helper()
		got, err := l.Readers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	knows := map[string][]string{"system": {"s2", "s1"}, "cookie": {"c1"}}
	if diff := cmp.Diff([]Reader{{"a", knows, noon()}, {"b", knows, noon()}}, readers()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	t.Run("who lacks a secret is named with it", func(t *testing.T) {
		got := Strangers(readers(), append([]Secret{secret("cipher", "k1")}, list...))
		if diff := cmp.Diff([]string{"a (cipher k1)", "b (cipher k1)"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("who leaves is gone at once, and has sealed until then", func(t *testing.T) {
		now = noon().Add(time.Minute)
		if err := l.Leave(t.Context(), "a", list); err != nil {
			t.Fatal(err)
		}
		if got := readers(); len(got) != 1 || got[0].Holder != "b" {
			t.Errorf("got %+v", got)
		}
		rows, err := l.Rows(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := []time.Time{rows[[2]string{"system", "s2"}].Sealing, rows[[2]string{"system", "s1"}].Sealing, rows[[2]string{"cookie", "c1"}].Sealing}
		if diff := cmp.Diff([]time.Time{now, noon(), now}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("who says nothing for long is taken for dead", func(t *testing.T) {
		now = noon().Add(alive + time.Second)
		if got := readers(); len(got) != 0 {
			t.Errorf("got %+v", got)
		}
	})
}

func FuzzWhatAProcessKnowsIsReadAsItIsWritten(f *testing.F) {
	f.Add("system", "a", "cookie", "b")
	f.Add("system", "a", "system", "b")
	f.Add("", "", "", "")
	f.Fuzz(func(t *testing.T, kind, one, other, two string) {
		decode(kind + one + other + two) // whatever stands in a row, nothing panics
		for _, s := range []string{kind, one, other, two} {
			for _, c := range s {
				if c < 'a' || c > 'z' { // kinds are words, fingerprints are hex
					t.Skip()
				}
			}
		}
		want := map[string][]string{kind: {one}}
		want[other] = append(want[other], two)
		got := decode(encode([]Secret{secret(kind, one), secret(other, two)}))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
