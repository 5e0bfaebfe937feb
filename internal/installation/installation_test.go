package installation_test

import (
	"database/sql"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/installation"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

func open(t *testing.T) *sql.DB {
	t.Helper()
	sqlseam.Register()
	_, dsn, err := store.Resolve(store.Settings{URL: "sqlite://" + filepath.ToSlash(t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(dsn, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func facts(profile string) installation.Facts {
	return installation.Facts{
		Profile: profile, Issuer: "https://auth.example.com", RPID: "id.example.com", Pairwise: installation.Digest("salt"),
	}
}

func TestTheRow(t *testing.T) {
	db := open(t)
	if row, err := installation.Read(t.Context(), db, store.SQLite); row != nil || err != nil {
		t.Fatalf("without a table: got %v, %v, want nothing", row, err)
	}
	if err := store.MigrateOwn(t.Context(), db, store.SQLite); err != nil {
		t.Fatal(err)
	}
	if row, err := installation.Read(t.Context(), db, store.SQLite); row != nil || err != nil {
		t.Fatalf("without a row: got %v, %v, want nothing", row, err)
	}
	t.Run("of those who make it at once one does", func(t *testing.T) {
		rows := make([]*installation.Row, 8)
		var wg sync.WaitGroup
		for i := range rows {
			wg.Go(func() {
				var err error
				if rows[i], err = installation.Make(t.Context(), db, store.SQLite, facts("production"), "1.0"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, row := range rows[1:] {
			if diff := cmp.Diff(rows[0], row); diff != "" {
				t.Errorf("two see another row (-first +other):\n%s", diff)
			}
		}
	})
	t.Run("who comes later with other facts is told the first ones", func(t *testing.T) {
		row, err := installation.Make(t.Context(), db, store.SQLite, facts("development"), "2.0")
		if err != nil || row.Facts != facts("production") || row.MadeBy != "1.0" || row.ID == "" {
			t.Errorf("got %+v, %v", row, err)
		}
	})
	t.Run("a change keeps id and origin", func(t *testing.T) {
		before, err := installation.Read(t.Context(), db, store.SQLite)
		if err != nil {
			t.Fatal(err)
		}
		if err := installation.Change(t.Context(), db, store.SQLite, facts("development"), "2.0"); err != nil {
			t.Fatal(err)
		}
		after, err := installation.Read(t.Context(), db, store.SQLite)
		if err != nil {
			t.Fatal(err)
		}
		if after.Facts != facts("development") || after.ID != before.ID || after.MadeBy != "1.0" ||
			after.ChangedBy != "2.0" || !after.Made.Equal(before.Made) {
			t.Errorf("got %+v after %+v", after, before)
		}
	})
}

func TestCompare(t *testing.T) {
	was := facts("production")
	for name, c := range map[string]struct {
		change func(*installation.Facts)
		want   []installation.Difference
	}{
		"the same facts are no difference": {func(*installation.Facts) {}, nil},
		"another issuer is one, with its slash": {
			func(f *installation.Facts) { f.Issuer += "/" },
			[]installation.Difference{{What: "issuer", Was: was.Issuer, Is: was.Issuer + "/"}},
		},
		"another salt is not shown": {
			func(f *installation.Facts) { f.Pairwise = installation.Digest("pepper") },
			[]installation.Difference{{What: "pairwise", Was: "set", Is: "another"}},
		},
		"a salt that left is one": {
			func(f *installation.Facts) { f.Pairwise = "" },
			[]installation.Difference{{What: "pairwise", Was: "set", Is: "not set"}},
		},
		"everything at once is told at once": {
			func(f *installation.Facts) { f.Profile, f.RPID = "development", "localhost" },
			[]installation.Difference{
				{What: "profile", Was: "production", Is: "development"},
				{What: "rp_id", Was: "id.example.com", Is: "localhost"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			is := was
			c.change(&is)
			if diff := cmp.Diff(c.want, installation.Compare(was, is)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a salt where there was none is no difference", func(t *testing.T) {
		without := was
		without.Pairwise = ""
		if got := installation.Compare(without, was); got != nil {
			t.Errorf("got %v", got)
		}
	})
}

func TestLoopback(t *testing.T) {
	for issuer, want := range map[string]bool{
		"http://localhost:4444": true, "http://127.0.0.1:1/": true, "http://[::1]:4444": true,
		"http://localhost.example.com": false, "https://auth.example.com": false, "": false,
	} {
		if got := (installation.Facts{Issuer: issuer, RPID: "localhost"}).Loopback(); got != want {
			t.Errorf("%q: got %v, want %v", issuer, got, want)
		}
	}
	if (installation.Facts{Issuer: "http://localhost", RPID: "id.example.com"}).Loopback() {
		t.Error("passkeys of a domain are not of this machine alone")
	}
}

func TestConsequences(t *testing.T) {
	got := installation.Consequences([]installation.Difference{
		{What: "issuer", Was: "https://a", Is: "https://b"},
		{What: "rp_id", Was: "a", Is: "b"},
		{What: "pairwise", Was: "set", Is: "another"},
	}, installation.Counts{Clients: 1, RefreshTokens: 1234567, Sessions: 999, Passkeys: 4211}, installation.Words{Issuer: "urls.hydra", RPID: "origin"})
	want := []string{
		"urls.hydra: the issuer was https://a and would be https://b: every application (1 client) must be told the new issuer, " +
			"and refuses ID tokens until then; 1,234,567 refresh tokens and 999 sessions were made under the old one",
		"origin: passkeys and security keys were for a and would be for b: 4,211 passkeys will stop working",
		"hydra.oidc.subject_identifiers.pairwise.salt was set and is another: applications with pairwise subjects will take " +
			"everybody for somebody new",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
