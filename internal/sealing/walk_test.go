package sealing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/store"
)

// mark is a seal whose texts say which secret made them, as in new<plain>.
type mark string

func (m mark) Open(text string) ([]byte, error) {
	plain, ok := strings.CutPrefix(text, string(m)+"<")
	if plain, end := strings.CutSuffix(plain, ">"); ok && end {
		return []byte(plain), nil
	}
	return nil, errors.New("sealed by another secret, or changed since")
}

func (m mark) Close(plain []byte) (string, error) { return string(m) + "<" + string(plain) + ">", nil }

// tablesOfEngines are what the walks read of, with the columns that matter.
const tablesOfEngines = `
CREATE TABLE hydra_jwk (pk TEXT PRIMARY KEY, keydata TEXT);
CREATE TABLE hydra_oauth2_authentication_session (id TEXT, remember BOOLEAN, authenticated_at DATETIME);
CREATE TABLE identity_credential_types (id TEXT, name TEXT);
CREATE TABLE identity_credentials (id TEXT, identity_credential_type_id TEXT, config TEXT);
CREATE TABLE sessions (active BOOLEAN, issued_at DATETIME, expires_at DATETIME);
INSERT INTO identity_credential_types VALUES ('o', 'oidc'), ('p', 'password');`

// rotated is an installation whose secrets of two kinds were rotated once.
func rotated(t *testing.T, now *time.Time) (Databases, Ledger) {
	t.Helper()
	l := ledger(t, now)
	run(t, l.DB, tablesOfEngines)
	for _, name := range []string{"refresh", "access", "code", "pkce", "oidc"} {
		run(t, l.DB, "CREATE TABLE hydra_oauth2_"+name+" (signature TEXT, session_data TEXT, expires_at DATETIME, active BOOLEAN)")
	}
	return Databases{
		Hydra: l.DB, Kratos: l.DB, Dialect: store.SQLite, Now: l.Now,
		Secrets: []Secret{secret("system", "new"), secret("system", "old"), secret("cookie", "c2"), secret("cookie", "c1"), secret("cipher", "k2"), secret("cipher", "k1")},
		Seals:   []Seal{mark("new"), mark("old"), nil, nil, mark("k2"), mark("k1")},
	}, l
}

func run(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func cellOf(t *testing.T, db *sql.DB, query string) (out string) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func (d Databases) look(t *testing.T, l Ledger, reseal bool) ([]Need, map[string]Found) {
	t.Helper()
	needs, found, err := d.Look(t.Context(), l, Keep{Session: 24 * time.Hour, Token: 48 * time.Hour}, reseal)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]Found{}
	for _, f := range found {
		by[f.Table] = f
	}
	return needs, by
}

func TestWhatAnOldSecretSealedIsCountedAndSealedAnew(t *testing.T) {
	now := noon()
	d, l := rotated(t, &now)
	for i := range 2*batch + 1 { // several pages
		run(t, l.DB, "INSERT INTO hydra_jwk VALUES ($1, $2)", fmt.Sprint(i), "old<key>")
	}
	run(t, l.DB, "INSERT INTO hydra_jwk VALUES ('fresh', 'new<key>'), ('foreign', 'lost<key>'), ('cut', 'old<key')")
	run(t, l.DB, "INSERT INTO hydra_oauth2_refresh VALUES ('1', 'old<s>', NULL, TRUE), ('2', 'old<s>', '2026-11-27 11:00:00', TRUE), ('3', 'old<s>', NULL, FALSE), ('4', '{}', NULL, TRUE)")
	const config = `{"n":12345678901234567890,"providers":[{"provider":"a","initial_id_token":"k1<x>","initial_access_token":"k2<y>","initial_refresh_token":""}]}`
	run(t, l.DB, "INSERT INTO identity_credentials VALUES ('1', 'o', $1), ('2', 'p', 'k1<not a provider>'), ('3', 'o', 'no json')", config)

	_, found := d.look(t, l, false)
	want := map[string]Found{
		"hydra_jwk":            {By: map[int]int64{0: 1, 1: 2*batch + 1}, Unknown: 2},
		"hydra_oauth2_refresh": {By: map[int]int64{1: 1}, Plain: 1},
		"identity_credentials": {By: map[int]int64{4: 1, 5: 1}, Unknown: 1},
	}
	for name, w := range want {
		w.Table, w.Kind = name, found[name].Kind
		if diff := cmp.Diff(w, found[name]); diff != "" {
			t.Errorf("%s counted (-want +got):\n%s", name, diff)
		}
	}

	_, found = d.look(t, l, true)
	if got := found["hydra_jwk"]; got.Resealed != 2*batch+1 || got.By[1] != 0 || got.By[0] != 2*batch+2 || got.Unknown != 2 {
		t.Errorf("keys sealed anew: got %+v", got)
	}
	if got := found["hydra_oauth2_refresh"]; got.Resealed != 0 || got.By[1] != 1 {
		t.Errorf("tokens are counted and left: got %+v", got)
	}
	for query, want := range map[string]string{
		"SELECT keydata FROM hydra_jwk WHERE pk = '7'":                                                     "new<key>",
		"SELECT keydata FROM hydra_jwk WHERE pk = 'foreign'":                                               "lost<key>",
		"SELECT session_data FROM hydra_oauth2_refresh":                                                    "old<s>",
		"SELECT config FROM identity_credentials WHERE id = '2'":                                           "k1<not a provider>",
		"SELECT count(*) FROM hydra_jwk WHERE keydata LIKE 'old<key>'":                                     "0",
		"SELECT config -> 'n' FROM identity_credentials WHERE id = '1'":                                    "12345678901234567890",
		"SELECT config ->> '$.providers[0].initial_id_token' FROM identity_credentials WHERE id = '1'":     "k2<x>",
		"SELECT config ->> '$.providers[0].initial_access_token' FROM identity_credentials WHERE id = '1'": "k2<y>",
	} {
		if got := cellOf(t, l.DB, query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

func TestARowThatIsWrittenMeanwhileIsLeftToTheNextWalk(t *testing.T) {
	now := noon()
	d, l := rotated(t, &now)
	run(t, l.DB, "INSERT INTO hydra_jwk VALUES ('1', 'old<key>')")
	rounds := 0
	d.AroundHydra = func(_ context.Context, f func()) bool {
		if rounds++; rounds == 2 { // the first reads, the second is about to write
			run(t, l.DB, "UPDATE hydra_jwk SET keydata = 'old<another>'")
		}
		f()
		return true
	}
	if _, found := d.look(t, l, true); found["hydra_jwk"].Resealed != 0 || found["hydra_jwk"].By[1] != 1 {
		t.Errorf("got %+v", found["hydra_jwk"])
	}
	if got := cellOf(t, l.DB, "SELECT keydata FROM hydra_jwk"); got != "old<another>" {
		t.Errorf("got %q: what somebody wrote is lost", got)
	}
	if _, found := d.look(t, l, true); found["hydra_jwk"].Resealed != 1 {
		t.Errorf("the next walk: got %+v", found["hydra_jwk"])
	}
}

func TestAWalkThatMayNotRunIsAnError(t *testing.T) {
	now := noon()
	d, l := rotated(t, &now)
	d.AroundHydra = func(context.Context, func()) bool { return false }
	ctx, cancel := context.WithCancelCause(t.Context())
	late := errors.New("too late")
	cancel(late)
	if _, err := d.walk(ctx, tables()[0], true); !errors.Is(err, late) {
		t.Errorf("got %v", err)
	}
	d.AroundHydra = nil
	if _, err := l.DB.ExecContext(t.Context(), "DROP TABLE hydra_jwk"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.walk(t.Context(), tables()[0], true); err == nil || !strings.HasPrefix(err.Error(), "looking through hydra_jwk: ") {
		t.Errorf("got %v", err)
	}
}

func TestTablesOfOthersAreCountedByThePlaceInTheirList(t *testing.T) {
	now := noon()
	d, l := rotated(t, &now)
	resealed := 0
	d.Others = []Other{{
		Table: "identityd_audit_key", Kind: "cipher",
		Count:  func(context.Context) (map[int]int64, error) { return map[int]int64{0: 3, 1: 2, -1: 1}, nil },
		Reseal: func(context.Context) (int64, error) { resealed++; return 5, nil },
	}}
	want := Found{Table: "identityd_audit_key", Kind: "cipher", By: map[int]int64{4: 3, 5: 2}, Unknown: 1}
	if _, found := d.look(t, l, false); cmp.Diff(want, found["identityd_audit_key"]) != "" || resealed != 0 {
		t.Errorf("got %+v", found["identityd_audit_key"])
	}
	want.Resealed = 5
	if _, found := d.look(t, l, true); cmp.Diff(want, found["identityd_audit_key"]) != "" {
		t.Errorf("got %+v", found["identityd_audit_key"])
	}
}

func FuzzProviderTokens(f *testing.F) {
	f.Add(`{"providers":[{"initial_id_token":"a","initial_access_token":"b","initial_refresh_token":"c","subject":"s"}],"more":1.50}`)
	f.Add(`{"providers":[1,null,{"initial_id_token":7}]}`)
	f.Add(`{"providers":{}}`)
	f.Add(`[`)
	f.Fuzz(func(t *testing.T, cell string) {
		texts, err := providerTokens([]byte(cell))
		if err != nil {
			return
		}
		next := map[string]string{}
		for _, text := range texts {
			next[text] = "anew " + text
		}
		replaced, err := replaceProviderTokens([]byte(cell), next)
		if err != nil {
			t.Fatal(err)
		}
		got, err := providerTokens(replaced)
		if err != nil {
			t.Fatal(err)
		}
		for i := range texts {
			texts[i] = "anew " + texts[i]
		}
		if diff := cmp.Diff(texts, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
