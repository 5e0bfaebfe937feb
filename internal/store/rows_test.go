package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/declare"
	"example.com/identityd/internal/hooks"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/offboard"
	"example.com/identityd/internal/store"
)

// everywhere runs a test in a database of each kind.
func everywhere(t *testing.T, test func(*testing.T, *sql.DB, store.Dialect)) {
	t.Helper()
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			e := kind.make(t)
			test(t, migrated(t, e), e.dialect)
		})
	}
}

// What could not be asked is not taken for a table that holds nothing: a deletion would be told as done.
func TestWhatIsNoMissingTable(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sql.DB, d store.Dialect) {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for name, tt := range map[string]struct {
			ctx   context.Context
			query string
			want  bool
		}{
			"a table that is missing":   {t.Context(), "SELECT 1 FROM nowhere", true},
			"a column that is missing":  {t.Context(), "SELECT shoe FROM identityd_offboarding", false},
			"a request that has ended":  {ended, "SELECT 1 FROM nowhere", false},
			"what is no statement":      {t.Context(), "SELEKT", false},
			"a statement that succeeds": {t.Context(), "SELECT count(*) FROM identityd_offboarding", false},
		} {
			var n int
			err := db.QueryRowContext(tt.ctx, tt.query).Scan(&n)
			if got := store.TableMissing(err, d); got != tt.want {
				t.Errorf("%s: got %t of %v", name, got, err)
			}
		}
	})
}

func TestOrdersToEndAccess(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sql.DB, d store.Dialect) {
		rows := store.NewOffboarding(db, d)
		at := time.UnixMilli(1_800_000_000_000)
		due := func() []offboard.Order {
			t.Helper()
			list, err := rows.Due(t.Context(), at.Add(time.Minute), 10)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		first := offboard.Order{Identity: "ada", Reason: offboard.PasswordChanged, Keep: "s1", Noted: at}
		done := first
		done.Done, done.Attempts = 1, 3
		second := first
		second.Reason, second.Noted = offboard.Recovered, at.Add(time.Second)
		// The first is carried out, and looked at once more later; the second is one of now.
		for _, err := range []error{rows.Add(t.Context(), first), rows.Put(t.Context(), done, at), rows.Add(t.Context(), second)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]offboard.Order{second}, due()); diff != "" {
			t.Errorf("an order that is noted anew (-want +got):\n%s", diff)
		}
		// Whoever was busy with the first leaves the second alone.
		for _, err := range []error{rows.Put(t.Context(), done, at.Add(time.Hour)), rows.Remove(t.Context(), first)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]offboard.Order{second}, due()); diff != "" {
			t.Errorf("after the first is done (-want +got):\n%s", diff)
		}
		if err := rows.Remove(t.Context(), second); err != nil || len(due()) > 0 {
			t.Errorf("got %v, %v", due(), err)
		}
	})
}

func TestMessagesToReceivers(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sql.DB, d store.Dialect) {
		rows := store.NewHooks(db, d)
		at := time.UnixMilli(1_800_000_000_000)
		ids := func(list []hooks.Waiting, err error) (out []string) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range list {
				out = append(out, m.ID)
			}
			return out
		}
		for n, hook := range []string{"crm", "crm", "mail"} {
			m := hooks.Waiting{ID: fmt.Sprint("m", n), Hook: hook, Event: hooks.LoginAfter, Body: []byte("{}"), Noted: at.Add(time.Duration(n)), Due: at}
			if err := rows.Add(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		t.Run("of two who found one, one has it", func(t *testing.T) {
			m := hooks.Waiting{ID: "m0", Due: at}
			for n, want := range []bool{true, false} {
				if mine, err := rows.Claim(t.Context(), m, at.Add(time.Minute)); mine != want || err != nil {
					t.Errorf("claim %d: got %t, %v", n, mine, err)
				}
			}
		})
		t.Run("one receiver is put off, and no other", func(t *testing.T) {
			if err := rows.PutOff(t.Context(), "crm", at, at.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"m2"}, ids(rows.Due(t.Context(), at, 10))); diff != "" {
				t.Error(diff)
			}
		})
		t.Run("what is given up is sent again or deleted, and nothing that waits", func(t *testing.T) {
			if err := rows.GiveUp(t.Context(), "m1", at, 20, "gone"); err != nil {
				t.Fatal(err)
			}
			if n, err := rows.Again(t.Context(), hooks.Query{Hook: "mail", Dead: true}, at); n != 0 || err != nil {
				t.Errorf("got %d, %v of the other receiver", n, err)
			}
			if n, err := rows.Drop(t.Context(), hooks.Query{Dead: true}); n != 1 || err != nil {
				t.Errorf("got %d, %v", n, err)
			}
			if diff := cmp.Diff([]string{"m0", "m2"}, ids(rows.List(t.Context(), hooks.Query{}))); diff != "" {
				t.Error(diff)
			}
		})
	})
}

func TestSecretsOfBefore(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sql.DB, d store.Dialect) {
		rows := store.NewClientSecrets(db, d)
		now := time.Now()
		for client, until := range map[string]time.Time{"a": now.Add(time.Hour), "b": now.Add(time.Hour), "late": now.Add(-time.Second)} {
			if err := rows.Keep(t.Context(), identity.ReplacedSecret{Client: client, Current: "of " + client, Hash: "h", Made: now, Until: until}); err != nil {
				t.Fatal(err)
			}
		}
		if was, err := rows.End(t.Context(), "a", "of a"); !was || err != nil {
			t.Errorf("got %t, %v", was, err)
		}
		for client, want := range map[string]bool{"a": false, "b": true, "late": false} {
			if _, found, err := rows.Beside(t.Context(), "of "+client); found != want || err != nil {
				t.Errorf("%s: got %t, %v", client, found, err)
			}
		}
	})
}

func TestInvitationsAreUsedOnceInTime(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sql.DB, d store.Dialect) {
		rows := store.NewInvitations(db, d)
		at := time.UnixMilli(1_800_000_000_000)
		ids := []string{"a", "b", "c", "d"}
		for n, id := range ids { // two pairs of the same instant
			made := at.Add(-time.Duration(n/2) * time.Second)
			if err := rows.Add(t.Context(), identity.Invitation{ID: id, Address: id + "@example.com", Made: made, Expires: at.Add(time.Hour)}, "hash of "+id); err != nil {
				t.Fatal(err)
			}
		}
		t.Run("pages have each of them once", func(t *testing.T) {
			var got []string
			before, after := at.Add(time.Minute), ""
			for range len(ids) + 1 {
				page, err := rows.List(t.Context(), before, after, 1)
				if err != nil {
					t.Fatal(err)
				}
				for _, one := range page {
					got = append(got, one.ID)
					before, after = one.Made, one.ID
				}
			}
			if diff := cmp.Diff(ids, got); diff != "" {
				t.Error(diff)
			}
		})
		claim := func(t *testing.T, id string, now time.Time) bool {
			t.Helper()
			exec := func(query string, args ...any) (int, error) {
				n := 0
				err := store.Tx(t.Context(), db, d, func(tx *sql.Tx) error {
					result, err := tx.ExecContext(context.Background(), store.Numbered(query), args...)
					if err != nil {
						return err
					}
					changed, err := result.RowsAffected()
					n = int(changed)
					return err
				})
				return n, err
			}
			won, err := rows.Claim(exec, id, "somebody", now)
			if err != nil {
				t.Fatal(err)
			}
			return won
		}
		t.Run("whoever is late gets nothing", func(t *testing.T) {
			if claim(t, "a", at.Add(time.Hour)) {
				t.Error("it was used after it expired")
			}
		})
		t.Run("of two the first gets it, and it is not taken back then", func(t *testing.T) {
			if !claim(t, "a", at) || claim(t, "a", at) {
				t.Error("want it used once")
			}
			if was, err := rows.Revoke(t.Context(), "a", at); was || err != nil {
				t.Errorf("got %t, %v", was, err)
			}
		})
		t.Run("one that was taken back gives nothing", func(t *testing.T) {
			if was, err := rows.Revoke(t.Context(), "b", at); !was || err != nil {
				t.Fatalf("got %t, %v", was, err)
			}
			if claim(t, "b", at) {
				t.Error("it was used")
			}
		})
	})
}

func TestTheLedgerOfDeclarations(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sql.DB, _ store.Dialect) {
		l := declare.SQL{DB: db}
		at := time.UnixMilli(1_800_000_000_000).UTC()
		for _, name := range []string{"a", "b"} {
			if err := l.Save(t.Context(), declare.Row{Kind: declare.KindIdentity, Name: name, Owner: "stack.yaml", Made: at}); err != nil {
				t.Fatal(err)
			}
		}
		left := declare.Row{Kind: declare.KindIdentity, Name: "a", Owner: "stack.yaml", Made: at, Left: at.Add(time.Second)}
		for _, err := range []error{l.Save(t.Context(), left), l.Drop(t.Context(), declare.KindIdentity, "b"), l.Drop(t.Context(), declare.KindClient, "a")} {
			if err != nil {
				t.Fatal(err)
			}
		}
		rows, err := l.Rows(t.Context())
		if diff := cmp.Diff([]declare.Row{left}, rows); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if err := l.Beat(t.Context(), "me", "stack.yaml", 2, at); err != nil {
			t.Fatal(err)
		}
		for holder, want := range map[string]bool{"me": false, "another": true} {
			if served, err := l.Served(t.Context(), holder, "stack.yaml", 2, at.Add(-time.Minute)); served != want || err != nil {
				t.Errorf("%s: got %t, %v", holder, served, err)
			}
		}
		for n := range int64(60) {
			if err := l.SaveFile(t.Context(), "stack.yaml", declare.File{Digest: fmt.Sprint(n), Generation: n, At: at}); err != nil {
				t.Fatal(err)
			}
		}
		files, err := l.Files(t.Context(), "stack.yaml")
		if err != nil || len(files) != 50 || files[0].Generation != 59 {
			t.Errorf("got %d files, %v", len(files), err)
		}
		if n := count(t, db, "SELECT count(*) FROM identityd_declared_file"); n != 51 {
			t.Errorf("got %d rows, want those of before gone", n)
		}
	})
}
