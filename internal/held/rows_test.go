package held

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "github.com/mattn/go-sqlite3" // the driver of the process

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/store"
)

func TestWhoIsMentioned(t *testing.T) {
	p := Person{ID: "9f425a8d-7efc-4768-8f23-7647a74fdf13", Names: []string{"ann+x@example.com", "anna"}}
	for text, want := range map[string]bool{
		`{"email":"ann+x@example.com"}`:                      true,
		"To: <Ann+X@Example.com>.":                           true,
		"/login?login_hint=ann%2Bx%40example.com&x":          true,
		`{"subject":"9F425A8D-7EFC-4768-8F23-7647A74FDF13"}`: true,
		"hello anna.":                           true,
		"joann+x@example.com":                   false,
		"ann+x@example.com.au":                  false,
		"ann+x@example.community":               false,
		"annabel, and hanna, and anna-b":        false,
		"annabel, then anna":                    true,
		"x9f425a8d-7efc-4768-8f23-7647a74fdf13": false,
		"":                                      false,
	} {
		if got := p.mentioned(text); got != want {
			t.Errorf("%q: got %t", text, got)
		}
	}
}

func TestPatternsOfOthersAreNone(t *testing.T) {
	if got := escaped("a_b%c!d"); got != "a!_b!%c!!d" {
		t.Errorf("got %s", got)
	}
}

// TestNobodyElsesRowsGo removes rows whose keys are made of two, each of which somebody else has too, and more of
// them than one statement takes.
func TestNobodyElsesRowsGo(t *testing.T) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(t.TempDir(), "x.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	run := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	run("CREATE TABLE pairwise (client_id TEXT, subject TEXT, subject_obfuscated TEXT)")
	const clients = 2*atOnce + 1
	for n := range clients {
		for _, who := range []string{"ada", "bob"} {
			run("INSERT INTO pairwise VALUES ($1, $2, 'x')", fmt.Sprint("client-", n), who)
		}
	}
	k := New(Config{Hydra: db, Kratos: db, Dialect: store.SQLite})
	at := hydraPlaces()[slices.IndexFunc(hydraPlaces(), func(p place) bool { return p.kind == "pairwise names" })]
	at.table = "pairwise"
	rows, err := k.rows(t.Context(), at, Person{ID: "ada"})
	if err != nil || len(rows) != clients {
		t.Fatalf("got %d rows, %v", len(rows), err)
	}
	if err := k.remove(t.Context(), at, rows); err != nil {
		t.Fatal(err)
	}
	left := map[string]int{}
	for _, who := range []string{"ada", "bob"} {
		n := 0
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM pairwise WHERE subject = $1", who).Scan(&n); err != nil {
			t.Fatal(err)
		}
		left[who] = n
	}
	if diff := cmp.Diff(map[string]int{"ada": 0, "bob": clients}, left); diff != "" {
		t.Errorf("rows that are left (-want +got):\n%s", diff)
	}
}

func TestATableThatCannotBeReadIsNoEmptyOne(t *testing.T) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(t.TempDir(), "x.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	k := New(Config{Hydra: db, Kratos: db, Dialect: store.SQLite})
	if got, err := k.Counts(t.Context(), Person{ID: "ada"}); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v of a database without tables", got, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := k.Remove(t.Context(), Person{ID: "ada"}); err == nil {
		t.Errorf("got %v of a database that is away", got)
	}
}

func TestWhatStillWaitsIsTold(t *testing.T) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(t.TempDir(), "x.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := store.MigrateOwn(t.Context(), db, store.SQLite); err != nil {
		t.Fatal(err)
	}
	for id, ended := range map[string]int{"waits": 0, "given-up": 1} {
		_, err := db.ExecContext(t.Context(), `INSERT INTO identityd_hook_outbox (id, hook, event, subject, body, noted_ms, due_ms, ended_ms)
			VALUES ($1, 'crm', 'offboarding.after', 'ada', '{}', 1, 1, $2)`, id, ended)
		if err != nil {
			t.Fatal(err)
		}
	}
	removed, err := New(Config{Hydra: db, Kratos: db, Dialect: store.SQLite}).Remove(t.Context(), Person{ID: "ada"})
	if diff := cmp.Diff([]Count{{"hooks that were given up", 1}}, removed); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	var left string
	if err := db.QueryRowContext(t.Context(), "SELECT group_concat(id) FROM identityd_hook_outbox").Scan(&left); err != nil || left != "waits" {
		t.Errorf("got %q, %v left", left, err)
	}
}

// many is somebody with more sessions than are read at once.
type many struct{ People }

func (many) SessionsOf(_ context.Context, _ string, page, size int) ([]identity.Session, int, error) {
	const all = 450
	var out []identity.Session
	for n := (page - 1) * size; n < min(page*size, all); n++ {
		out = append(out, identity.Session{ID: fmt.Sprint(n)})
	}
	return out, all, nil
}

func TestAllSessionsAreExported(t *testing.T) {
	out := &Document{}
	if err := (Exporter{People: many{}}).sessions(t.Context(), "ada", "449", out); err != nil {
		t.Fatal(err)
	}
	if len(out.Sessions) != 450 || !out.Sessions[449].Current || out.Sessions[0].Current {
		t.Errorf("got %d sessions", len(out.Sessions))
	}
}

func TestWhatIsSomebodyElsesStays(t *testing.T) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(t.TempDir(), "x.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := store.MigrateOwn(t.Context(), db, store.SQLite); err != nil {
		t.Fatal(err)
	}
	for id, of := range map[string][2]string{"used": {"old@example.com", "ada"}, "hers": {"Ada@example.com", ""}, "his": {"bob@example.com", "bob"}, "open": {"eve@example.com", ""}} {
		_, err := db.ExecContext(t.Context(), `INSERT INTO identityd_invitation (id, hash, address, group_names, client_id, mailed, made_ms, expires_ms, used_by)
			VALUES ($1, $1, $2, '[]', '', 0, 1, 2, $3)`, id, of[0], of[1])
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ExecContext(t.Context(), "INSERT INTO identityd_logout_ending (subject, session_id, noted_ms) VALUES ('ada', 's', 1)"); err != nil {
		t.Fatal(err)
	}
	k, ada := New(Config{Hydra: db, Kratos: db, Dialect: store.SQLite}), Person{ID: "ada", Names: []string{"ada@example.com"}}
	records, err := k.Records(t.Context(), ada)
	if err != nil || len(records) != 1 || len(records["invitations"]) != 2 {
		t.Errorf("got %v, %v, want two invitations and nothing that is hidden", records, err)
	}
	if _, err := k.Remove(t.Context(), ada); err != nil {
		t.Fatal(err)
	}
	var left string
	if err := db.QueryRowContext(t.Context(), "SELECT group_concat(id) FROM (SELECT id FROM identityd_invitation ORDER BY id)").Scan(&left); err != nil || left != "his,open" {
		t.Errorf("got %q, %v left", left, err)
	}
}
