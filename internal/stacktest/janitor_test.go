package stacktest

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/logging"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/store"
)

const janitorClient = `
- id: app
  name: App
  secret: app-secret-app-secret-app
  redirect_uris: [https://app.invalid/callback]
  scope: openid offline_access email
`

// janitorSite is a stack whose janitor only runs when it is told to, with its two databases.
type janitorSite struct {
	*Stack
	cfg           config.Config
	hydra, kratos *sql.DB
	sqlite        bool
	dialect       store.Dialect // of janitor; PostgreSQL when empty
}

func janitorSites(t *testing.T, do func(t *testing.T, s *janitorSite)) {
	t.Run("SQLite", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "data")
		s := &janitorSite{sqlite: true}
		for name, into := range map[string]**sql.DB{"hydra": &s.hydra, "kratos": &s.kratos} {
			*into = openDB(t, sqlseam.SQLiteDriver, "file:"+filepath.Join(folder, name+".sqlite")+"?_busy_timeout=10000&_fk=true")
		}
		s.begin(t, Set("data_dir", folder))
		do(t, s)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		server := pgtest.Shared(t)
		opts, set := onPostgres(t, server), map[string]string{}
		for _, o := range opts {
			o(set)
		}
		s := &janitorSite{}
		s.begin(t, opts...)
		s.hydra = openDB(t, "pgx", server.DatabaseURL(set["database.hydra.name"]))
		s.kratos = openDB(t, "pgx", server.DatabaseURL(set["database.kratos.name"]))
		do(t, s)
	})
}

func openDB(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	sqlseam.Register()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func (s *janitorSite) begin(t *testing.T, opts ...Option) {
	t.Helper()
	opts = append(opts, withFiles(t, map[string]string{"clients": janitorClient}),
		Set("janitor.rows_per_second", "1000000"), Set("janitor.interval", "30d"))
	s.Stack = Start(t, opts...)
	set := map[string]string{}
	for _, o := range opts {
		o(set)
	}
	s.load(t, set)
}

func (s *janitorSite) load(t *testing.T, set map[string]string) {
	t.Helper()
	var environ []string
	for word, value := range set {
		if strings.HasPrefix(word, "IDENTITYD_") {
			environ = append(environ, word+"="+value)
			delete(set, word)
		}
	}
	var err error
	if s.cfg, err = config.Load(config.Options{Dir: t.TempDir(), Set: set, Environ: environ}); err != nil {
		t.Fatal(err)
	}
}

// clean runs the janitor once and returns what it removed of each table.
func (s *janitorSite) clean(t *testing.T) map[string]int64 {
	t.Helper()
	log, _ := logging.New(s.Log, logging.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	removed, err := stack.CleanUp(ctx, s.cfg, stack.Options{Log: log, Version: "test"}, false)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	for _, r := range removed {
		if r.Rows > 0 {
			out[r.Table] = r.Rows
		}
	}
	return out
}

// age makes everything in both databases older by so many days.
func (s *janitorSite) age(t *testing.T, days int) {
	t.Helper()
	for db, columns := range map[*sql.DB]string{
		s.hydra: `hydra_oauth2_access.requested_at hydra_oauth2_access.expires_at hydra_oauth2_refresh.requested_at
			hydra_oauth2_refresh.expires_at hydra_oauth2_oidc.expires_at hydra_oauth2_pkce.expires_at hydra_oauth2_code.requested_at hydra_oauth2_code.expires_at
			hydra_oauth2_flow.requested_at hydra_oauth2_authentication_session.authenticated_at`,
		s.kratos: `sessions.expires_at selfservice_login_flows.expires_at selfservice_registration_flows.expires_at
			selfservice_verification_flows.expires_at identity_verification_codes.expires_at
			courier_messages.updated_at selfservice_errors.created_at continuity_containers.expires_at`,
	} {
		for column := range strings.FieldsSeq(columns) {
			table, name, _ := strings.Cut(column, ".")
			later := fmt.Sprintf("%s - interval '%d days'", name, days)
			if s.sqlite {
				later = fmt.Sprintf("strftime('%%Y-%%m-%%d %%H:%%M:%%f+00:00', %s, '-%d days')", name, days)
			}
			mustExec(t, db, "UPDATE "+table+" SET "+name+" = "+later+" WHERE "+name+" IS NOT NULL")
		}
	}
}

func mustExec(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func count(t *testing.T, db *sql.DB, from string) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+from).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// authorize takes the browser to the application, and returns the code that it brought or the page it
// stopped at.
func (s *janitorSite) authorize(b *Browser, client string) {
	b.Open(s.URLs.Hydra + "/oauth2/auth?" + url.Values{
		"client_id": {client}, "response_type": {"code"}, "scope": {"openid offline_access email"},
		"state": {"state-state"}, "redirect_uri": {"https://" + AppHost + "/callback"},
	}.Encode())
}

type tokens struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	Error        string `json:"error"`
}

func (s *janitorSite) exchange(t *testing.T, client string, form url.Values) tokens {
	t.Helper()
	form.Set("redirect_uri", "https://"+AppHost+"/callback")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.Hydra+"/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(client, "app-secret-app-secret-app")
	return decode[tokens](t, req)
}

func decode[T any](t *testing.T, req *http.Request) T {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out T
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func (s *janitorSite) active(t *testing.T, token string) bool {
	t.Helper()
	var out struct{ Active bool }
	call(t, http.MethodPost, s.URLs.HydraAdmin+"/admin/oauth2/introspect", "application/x-www-form-urlencoded",
		url.Values{"token": {token}}.Encode(), nil, &out)
	return out.Active
}

// What is alive survives a run though all around it is dead, and works afterwards; and once it is dead
// too, it goes.
func TestTheJanitorKeepsWhatIsAlive(t *testing.T) {
	janitorSites(t, func(t *testing.T, s *janitorSite) {
		ada(t, s.Stack)
		b := NewBrowser(t)
		s.authorize(b, "app")
		b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
		b.Submit("form", map[string]string{"action": "allow", "remember": "true"})
		first := s.exchange(t, "app", url.Values{"grant_type": {"authorization_code"}, "code": {b.URL.Query().Get("code")}})
		second := s.exchange(t, "app", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.RefreshToken}})
		if second.RefreshToken == "" {
			t.Fatalf("got no refresh token: %+v, then %+v", first, second)
		}
		makeToldClient(t, s)
		s.authorize(b, "told") // an application that is told of sign-outs, which consents without remembering
		b.Submit("form", map[string]string{"action": "allow"})
		NewBrowser(t).Open(s.URLs.UI + "/login") // a form that nobody finishes
		seedMail(t, s)

		s.age(t, 10)
		removed := s.clean(t)
		for _, table := range []string{"hydra_oauth2_access", "hydra_oauth2_code", "selfservice_login_flows", "courier_messages"} {
			if removed[table] == 0 {
				t.Errorf("nothing was removed of %s, which had expired: %v", table, removed)
			}
		}
		for _, table := range []string{"hydra_oauth2_refresh", "hydra_oauth2_authentication_session", "hydra_oauth2_flow", "sessions"} {
			if removed[table] != 0 {
				t.Errorf("%d rows of %s were removed, which were alive", removed[table], table)
			}
		}
		if got := count(t, s.kratos, "courier_messages WHERE status IN (1, 3)"); got != 2 {
			t.Errorf("got %d mails that are not sent yet, want both", got)
		}
		if got := count(t, s.hydra, "hydra_oauth2_refresh WHERE active = FALSE"); got != 1 {
			t.Errorf("got %d used refresh tokens, want the one by which a thief is found out", got)
		}

		// It works.
		if got := b.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusOK {
			t.Errorf("whoami: got %d, want 200", got)
		}
		third := s.exchange(t, "app", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {second.RefreshToken}})
		if third.AccessToken == "" || !s.active(t, third.AccessToken) {
			t.Errorf("refresh: got %+v, want tokens that are active", third)
		}
		s.authorize(b, "app")
		if b.URL.Hostname() != AppHost || b.URL.Query().Get("code") == "" {
			t.Errorf("got to %s, want past the remembered sign-in and consent", b.URL)
		}
		reused := s.exchange(t, "app", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.RefreshToken}})
		if reused.Error == "" || s.active(t, third.AccessToken) {
			t.Errorf("reuse of a refresh token: got %+v, want an error and the family revoked", reused)
		}

		s.age(t, 80)
		s.clean(t)
		for db, tables := range map[*sql.DB][]string{
			s.hydra: {
				"hydra_oauth2_access", "hydra_oauth2_refresh", "hydra_oauth2_code", "hydra_oauth2_authentication_session",
			},
			s.kratos: {"sessions", "selfservice_login_flows", "courier_messages WHERE status IN (2, 4)", "selfservice_errors"},
		} {
			for _, table := range tables {
				if got := count(t, db, table); got != 0 {
					t.Errorf("got %d rows of %s left, want none", got, table)
				}
			}
		}
		// The sign-in went after the flows, one of which had to stay for it until now.
		s.clean(t)
		if got := count(t, s.hydra, "hydra_oauth2_flow"); got != 0 {
			t.Errorf("got %d flows left, want none", got)
		}
		if got := count(t, s.kratos, "identities"); got != 1 {
			t.Errorf("got %d people, want her", got)
		}
		t.Run("applications that registered themselves", func(t *testing.T) { whyAClientStays(t, s) })
	})
}

// seedMail makes one mail of each state that the courier leaves alone: those that are not done are of
// another tenant.
func seedMail(t *testing.T, s *janitorSite) {
	t.Helper()
	const other = "00000000-0000-4000-8000-0000000000aa"
	mustExec(t, s.kratos, "INSERT INTO networks (id, created_at, updated_at) VALUES ('"+other+"', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)")
	for status, where := range map[int]string{1: "id = '" + other + "'", 2: "TRUE", 3: "id = '" + other + "'", 4: "TRUE"} {
		id := fmt.Sprintf("'00000000-0000-4000-8000-000000000%d' || substr(id, 35, 2)", status)
		if !s.sqlite {
			id = strings.Replace("("+id+")::uuid", "(id", "(id::text", 1)
		}
		mustExec(t, s.kratos, "INSERT INTO courier_messages"+
			" (id, type, status, body, subject, recipient, created_at, updated_at, nid, send_count) SELECT "+id+
			fmt.Sprintf(", 1, %d, '', '', 'nobody@example.com', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, id, 0", status)+
			" FROM networks WHERE "+where)
	}
	mustExec(t, s.kratos, "INSERT INTO selfservice_errors (id, errors, was_seen, created_at, updated_at, csrf_token, nid)"+
		" SELECT '"+other+"', '{}', FALSE, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, '', '"+other+"'")
}

// makeToldClient makes an application that Hydra tells of sign-outs.
func makeToldClient(t *testing.T, s *janitorSite) {
	t.Helper()
	var made map[string]any
	call(t, http.MethodPost, s.URLs.HydraAdmin+"/admin/clients", "application/json", `{"client_id": "told",
		"client_secret": "app-secret-app-secret-app", "client_name": "Told", "grant_types": ["authorization_code"],
		"response_types": ["code"], "scope": "openid email offline_access", "redirect_uris": ["https://app.invalid/callback"],
		"backchannel_logout_uri": "https://app.invalid/logout"}`, nil, &made)
}
