package stacktest

import (
	"database/sql"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/pgtest"
)

// TestNothingOfAPersonIsForgotten lets a person do all kinds of things, and looks for them in every column of every
// table: what is there is in what they get, and after a deletion only what the documents say stays.
func TestNothingOfAPersonIsForgotten(t *testing.T) {
	t.Run("on SQLite", func(t *testing.T) {
		Long(t) // in every run people_are_looked_after of internal/scripttest is on SQLite
		data := t.TempDir()
		s := Start(t, Set("data_dir", data), Set("database.url", "sqlite://"+data), withFiles(t, map[string]string{"clients": homeFile}))
		nothingForgotten(t, s, s, []string{"by themselves"}, map[string]*sql.DB{
			"hydra": openDB(t, "sqlite3", "file:"+filepath.Join(data, "hydra.sqlite")), "kratos": openDB(t, "sqlite3", "file:"+filepath.Join(data, "kratos.sqlite")),
		})
	})
	t.Run("on PostgreSQL, with two replicas", func(t *testing.T) {
		server := pgtest.Shared(t)
		d := newDatabases(t, server)
		files := withFiles(t, map[string]string{"clients": homeFile})
		nothingForgotten(t, d.start(t, files), d.start(t, files), []string{"by an administrator", "by themselves"}, map[string]*sql.DB{
			"hydra": openDB(t, "pgx", server.DatabaseURL(d.hydra)), "kratos": openDB(t, "pgx", server.DatabaseURL(d.kratos)),
		})
	})
}

func nothingForgotten(t *testing.T, s, other *Stack, ways []string, dbs map[string]*sql.DB) {
	t.Helper()
	for _, how := range ways {
		t.Run("a person who is deleted "+how, func(t *testing.T) {
			email := "quintessa-" + strings.ReplaceAll(how, " ", "") + "@example.com"
			p := busyPerson(t, s, email)
			neighbor := busyPerson(t, s, "x"+email)
			before := search(t, dbs, p)
			exportHasAll(t, s, other, p, before)
			if how == "by themselves" {
				p.browser.Open(s.URLs.UI + "/account/delete")
				p.browser.Submit(`form[action="/account/delete"]`, map[string]string{"sure": "true"})
				if p.browser.URL.Path != "/account/deleted" {
					t.Fatalf("got %s", p.browser.URL.Redacted())
				}
			} else {
				deletedFrom(t, other, p)
			}
			for _, place := range slices.Sorted(maps.Keys(search(t, dbs, p))) {
				if !staysAsDocumented(place) {
					t.Errorf("%s still has the person", place)
				}
			}
			after := search(t, dbs, neighbor)
			for _, place := range []string{"kratos.identities.traits", "kratos.courier_messages.recipient", "kratos.selfservice_recovery_flows.ui", "hydra.hydra_oauth2_flow.subject"} {
				if after[place] == 0 {
					t.Errorf("%s of somebody whose address only ends like theirs is gone too", place)
				}
			}
		})
	}
}

type busy struct {
	id, email, name string
	browser         *Browser
}

// busyPerson signs up, fails, recovers, gets mails, lets an application in and looks around.
func busyPerson(t *testing.T, s *Stack, email string) busy {
	t.Helper()
	name, _, _ := strings.Cut(email, "@")
	b := signUp(t, s, s.URLs.UI+"/login", email)
	who := s.Whoami(t, b)
	p := busy{id: who.Identity.ID, email: email, name: name, browser: b}
	for range 2 {
		stranger := NewBrowser(t)
		stranger.Open(s.URLs.UI + "/login")
		stranger.Submit("form", map[string]string{"identifier": email, "password": "no-" + password, "method": "password"})
	}
	stranger := NewBrowser(t)
	stranger.Open(s.URLs.UI + "/recovery")
	stranger.Submit("form", map[string]string{"email": email, "method": "code"})
	stranger = NewBrowser(t)
	stranger.Open(s.URLs.UI + "/registration?login_hint=" + url.QueryEscape(email))
	stranger.Submit("form", map[string]string{"traits.email": email, "password": "short", "method": "password"})
	again := NewBrowser(t)
	again.Open(s.URLs.UI + "/login")
	again.Submit("form", map[string]string{"identifier": email, "password": password, "method": "password"})
	tokensOf(t, s, again, "own")
	tokensOf(t, s, b, "vault")
	b.Open(s.URLs.UI + "/settings")
	return p
}

// search counts where a person is: by id and by address.
func search(t *testing.T, dbs map[string]*sql.DB, p busy) map[string]int {
	t.Helper()
	out := map[string]int{}
	for name, db := range dbs {
		for _, column := range columnsOf(t, db) {
			read := "CAST(" + column[1] + " AS TEXT)"
			if column[2] == "bytea" {
				read = "encode(" + column[1] + ", 'escape')"
			}
			for _, text := range textsOf(t, db, "SELECT "+read+" FROM "+column[0]) {
				if has(strings.ToLower(text), p) {
					out[name+"."+column[0]+"."+column[1]]++
				}
			}
		}
	}
	return out
}

func textsOf(t *testing.T, db *sql.DB, query string) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var text sql.NullString
		if err := rows.Scan(&text); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		out = append(out, text.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

// has looks for the id and the name, which is in every form of the address, but not in one that begins with x.
func has(text string, p busy) bool {
	if strings.Contains(text, p.id) {
		return true
	}
	return strings.Contains(strings.ReplaceAll(text, "x"+p.name, ""), p.name)
}

func columnsOf(t *testing.T, db *sql.DB) (out [][3]string) {
	t.Helper()
	query := "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
	if db.QueryRowContext(t.Context(), "SELECT 1 FROM information_schema.tables LIMIT 1").Scan(new(int)) != nil {
		query = "SELECT m.name, p.name, p.type FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table'"
	}
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var one [3]string
		if err := rows.Scan(&one[0], &one[1], &one[2]); err != nil {
			t.Fatal(err)
		}
		out = append(out, one)
	}
	if err := rows.Err(); err != nil || len(out) < 150 {
		t.Fatalf("got %d columns, %v", len(out), err)
	}
	return out
}

// kindsOf are under which name the export has a table, or why it has not.
func kindsOf() map[string]string {
	return map[string]string{
		"kratos.identities": "accounts", "kratos.sessions": "sessions", "kratos.session_devices": "devices",
		"kratos.identity_credentials": "ways to sign in", "kratos.identity_credential_identifiers": "names to sign in with",
		"kratos.identity_verifiable_addresses": "addresses", "kratos.identity_recovery_addresses": "addresses for recovery",
		"kratos.courier_messages": "mails", "kratos.selfservice_login_flows": "forms to sign in", "kratos.selfservice_registration_flows": "forms to sign up",
		"kratos.selfservice_settings_flows": "forms of settings", "kratos.selfservice_recovery_flows": "forms of recovery",
		"kratos.selfservice_verification_flows": "forms of verification", "kratos.continuity_containers": "forms that wait for a sign-in",
		"kratos.selfservice_errors": "errors that were shown",
		"hydra.hydra_oauth2_flow":   "sign-ins to applications and consents", "hydra.hydra_oauth2_authentication_session": "remembered sign-ins",
		"hydra.hydra_oauth2_access": "access tokens", "hydra.hydra_oauth2_refresh": "refresh tokens", "hydra.hydra_oauth2_code": "authorization codes",
		"hydra.hydra_oauth2_logout_request": "sign-outs",
		// Left out, or under a word of their own.
		"hydra.hydra_oauth2_oidc": "", "hydra.hydra_oauth2_pkce": "",
		"kratos.identity_login_codes": "", "kratos.identity_recovery_codes": "", "kratos.identity_verification_codes": "", "kratos.identity_registration_codes": "",
		"kratos.identityd_logout_ending": "", "kratos.identityd_offboarding": "", "kratos.identityd_hook_outbox": "",
		"kratos.identityd_audit": "", "kratos.identityd_audit_key": "", // activity
	}
}

// exportHasAll compares what was found with what the person gets, by both ways.
func exportHasAll(t *testing.T, s, other *Stack, p busy, found map[string]int) {
	t.Helper()
	t.Logf("the person is in %d columns", len(found))
	if len(found) < 20 {
		t.Fatalf("the person is in %d columns only: %v", len(found), found)
	}
	type document struct {
		Format   string
		Records  map[string][]map[string]any
		Activity []any
		Attempts []any `json:"failed_attempts"`
		LeftOut  []any `json:"left_out"`
	}
	var asked, own document
	call(t, http.MethodPost, other.URLs.KratosAdmin+"/admin/identityd/identities/"+p.id+"/export", "application/json", "{}", nil, &asked)
	p.browser.Open(s.URLs.UI + "/account/data")
	status, raw := p.browser.raw(http.MethodPost, s.URLs.UI+"/account/data", p.browser.Page.Form(`form[action="/account/data"]`).Fields)
	if err := json.Unmarshal([]byte(raw), &own); err != nil || status != http.StatusOK {
		t.Fatalf("the download: status %d, %v", status, err)
	}
	for way, d := range map[string]document{"an administrator": asked, "the person": own} {
		if d.Format != "identityd-person/2" || len(d.Activity) == 0 || len(d.LeftOut) == 0 || len(d.Attempts) == 0 {
			t.Errorf("%s got %q with %d activities, %d failed attempts, %d left out", way, d.Format, len(d.Activity), len(d.Attempts), len(d.LeftOut))
		}
		for place := range found {
			table := place[:strings.LastIndexByte(place, '.')]
			kind, known := kindsOf()[table]
			switch {
			case !known:
				t.Errorf("%s has the person, and no document says under what", place)
			case kind != "" && len(d.Records[kind]) == 0:
				t.Errorf("%s has the person, and %s got no %s", place, way, kind)
			}
		}
	}
	if a, b := slices.Sorted(maps.Keys(asked.Records)), slices.Sorted(maps.Keys(own.Records)); !slices.Equal(a, b) {
		t.Errorf("an administrator gets %v, the person %v", a, b)
	}
	for _, secret := range []string{password, "argon2", "session_token", "code_challenge"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("the download has %.12s… in it", secret)
		}
	}
}

// deletedFrom deletes on a replica, and looks at what it says.
func deletedFrom(t *testing.T, s *Stack, p busy) {
	t.Helper()
	type answer struct {
		Gone    bool
		Removed []struct {
			Kind string
			Rows int
		}
		Stays []any
	}
	var counted, gone answer
	at := s.URLs.KratosAdmin + "/admin/identityd/identities/" + p.id
	call(t, http.MethodGet, at+"/held", "", "", nil, &counted)
	if counted.Gone || len(counted.Removed) < 10 {
		t.Errorf("counting before: got %+v", counted)
	}
	call(t, http.MethodDelete, at, "", "", nil, &gone)
	if !gone.Gone || len(gone.Removed) < 10 || len(gone.Stays) == 0 {
		t.Errorf("deleting: got %+v", gone)
	}
	// Again; and what is no id of a person, for a client is the subject of its own tokens.
	for _, at := range []string{at, s.URLs.KratosAdmin + "/admin/identityd/identities/vault"} {
		if got := status(t, http.MethodDelete, at); got != http.StatusNotFound {
			t.Errorf("deleting %s: got %d, want 404", at, got)
		}
	}
}

// staysAsDocumented are the places of "Deleting and exporting a person" in docs/people.md.
func staysAsDocumented(place string) bool {
	for _, one := range []string{
		"kratos.identityd_audit.subject", "kratos.identityd_audit.details", "kratos.identityd_audit.key_name", "kratos.identityd_audit_key.name",
		"kratos.identityd_audit.actor", "kratos.identityd_offboarding.identity_id",
		"kratos.identityd_hook_outbox.subject", "kratos.identityd_hook_outbox.body",
	} {
		if place == one {
			return true
		}
	}
	return false
}
