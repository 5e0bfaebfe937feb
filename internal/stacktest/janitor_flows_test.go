package stacktest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/store"
)

// seedFlow makes a flow that ended so many days ago, in which a consent is remembered for so many days;
// 0 for ever, -1 not at all.
func seedFlow(t *testing.T, s *janitorSite, name, subject string, age, remember int, session string) {
	t.Helper()
	remembered, seconds := "TRUE", remember*24*3600
	if remember < 0 {
		remembered, seconds = "FALSE", 0
	}
	if session != "" {
		session = "'" + session + "'"
	} else {
		session = "NULL"
	}
	mustExec(t, s.hydra, "INSERT INTO hydra_oauth2_flow (login_challenge, nid, requested_scope, login_verifier, login_csrf, subject,"+
		" request_url, login_skip, client_id, requested_at, oidc_context, login_session_id, state, login_remember, login_remember_for,"+
		" login_error, acr, login_was_used, context, amr, consent_challenge_id, consent_skip, consent_verifier, consent_csrf,"+
		" granted_scope, consent_remember, consent_remember_for, consent_error, session_id_token, session_access_token, consent_was_used)"+
		fmt.Sprintf(" SELECT '%[1]s', id, '[]', '%[1]s', '', '%[2]s', '', FALSE, 'seed', now() AT TIME ZONE 'utc' - interval '%[3]d days',"+
			" '{}', %[6]s, 6, TRUE, 3600, '{}', '', TRUE, '{}', '[]', 'c-%[1]s', FALSE, 'v-%[1]s', '', '[]', %[4]s, %[5]d, '{}', '{}', '{}', TRUE"+
			" FROM networks", name, subject, age, remembered, seconds, session))
}

// Each of these flows shows one reason to stay, or none.
func TestWhyAFlowStays(t *testing.T) {
	// The statements and transactions for CockroachDB, on PostgreSQL: no binary of it can be had here.
	for _, dialect := range []store.Dialect{store.Postgres, store.Cockroach} {
		t.Run("with the statements of "+string(dialect), func(t *testing.T) {
			s := seeded(t)
			s.dialect = dialect
			whyAFlowStays(t, s)
		})
	}
}

func whyAFlowStays(t *testing.T, s *janitorSite) {
	t.Helper()
	seedTokens(t, s, 0)
	login := func(id string, age int) {
		mustExec(t, s.hydra, fmt.Sprintf("INSERT INTO hydra_oauth2_authentication_session (id, nid, authenticated_at, subject, remember)"+
			" SELECT '%s', id, now() AT TIME ZONE 'utc' - interval '%d days', 'x', TRUE FROM networks", id, age))
	}
	token := func(kind, flow, expires string) {
		mustExec(t, s.hydra, fmt.Sprintf("INSERT INTO hydra_oauth2_%[1]s (signature, request_id, requested_at, client_id, scope,"+
			" granted_scope, form_data, session_data, subject, active, challenge_id, nid, expires_at) SELECT '%[2]s', '%[2]s',"+
			" now() AT TIME ZONE 'utc' - interval '60 days', 'seed', '', '', '', '{}', '', FALSE, 'c-%[2]s', id, %[3]s FROM networks",
			kind, flow, expires))
	}
	const soon, past = "now() AT TIME ZONE 'utc' + interval '1 minute'", "now() AT TIME ZONE 'utc' - interval '2 days'"
	seedFlow(t, s, "young", "a", 0, -1, "")
	seedFlow(t, s, "old", "b", 60, -1, "")
	seedFlow(t, s, "remembered", "c", 29, 30, "")
	seedFlow(t, s, "remembered for ever", "d", 1000, 0, "")
	seedFlow(t, s, "remembered too long ago", "e", 60, 30, "")
	// The later consent has ended, and so asks again. Without it the earlier one would be in force.
	seedFlow(t, s, "earlier for ever", "f", 90, 0, "")
	seedFlow(t, s, "later and over", "f", 60, 30, "")
	seedFlow(t, s, "refresh lives", "g", 60, -1, "")
	token("refresh", "refresh lives", soon)
	seedFlow(t, s, "refresh without an end", "h", 60, -1, "")
	token("refresh", "refresh without an end", "NULL")
	seedFlow(t, s, "refresh ended", "i", 60, -1, "")
	token("refresh", "refresh ended", past)
	seedFlow(t, s, "long access lives", "j", 60, -1, "")
	token("access", "long access lives", soon)
	seedFlow(t, s, "code ended", "k", 60, -1, "")
	token("code", "code ended", past)
	login("login-live", 20)
	login("login-over", 60)
	seedFlow(t, s, "of a live sign-in", "l", 20, -1, "login-live")
	seedFlow(t, s, "of an old sign-in", "m", 60, -1, "login-over")
	if _, err := s.janitor(3, 1_000_000).Run(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"earlier for ever", "later and over", "long access lives", "refresh lives", "refresh without an end",
		"remembered", "remembered for ever", "young",
	}
	if diff := cmp.Diff(want, names(t, s, "hydra_oauth2_flow", "login_challenge")); diff != "" {
		t.Errorf("flows left (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"login-live"}, names(t, s, "hydra_oauth2_authentication_session", "id")); diff != "" {
		t.Errorf("sign-ins left (-want +got):\n%s", diff)
	}

	t.Run("an application that is told of sign-outs keeps its flow as long as the sign-in", func(t *testing.T) {
		mustExec(t, s.hydra, "UPDATE hydra_client SET backchannel_logout_uri = 'https://app.invalid/logout'")
		seedFlow(t, s, "told later", "n", 20, -1, "login-live")
		if _, err := s.janitor(3, 1_000_000).Run(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		if got := names(t, s, "hydra_oauth2_flow", "login_challenge"); !slices.Contains(got, "told later") {
			t.Errorf("got %v, want it among them", got)
		}
	})
}

func names(t *testing.T, s *janitorSite, table, column string) []string {
	t.Helper()
	rows, err := s.hydra.QueryContext(t.Context(), "SELECT "+column+" FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// Every replica shows at /metrics what one of them did, and no run comes before it is due.
func TestOneReplicaCleansUpForAll(t *testing.T) {
	server, set := pgtest.Shared(t), map[string]string{}
	opts := append(onPostgres(t, server), Set("janitor.interval", "2s"))
	for _, o := range opts {
		o(set)
	}
	s := &janitorSite{}
	stacks := []*Stack{Start(t, opts...), Start(t, opts...)}
	s.hydra = openDB(t, "pgx", server.DatabaseURL(set["database.hydra.name"]))
	s.kratos = openDB(t, "pgx", server.DatabaseURL(set["database.kratos.name"]))
	seedErrors(t, s, 30)
	const removed = `identityd_janitor_removed_rows_total{table="selfservice_errors"}`
	for i, one := range stacks {
		until(t, fmt.Sprintf("the metric of replica %d", i), func() bool { return metric(t, one, removed) == "30" })
		// A scrape in the middle of the run knows the rows of its batches, and no end yet.
		until(t, fmt.Sprintf("replica %d to say when the last run was", i), func() bool {
			return metric(t, one, "identityd_janitor_last_run_timestamp_seconds") != ""
		})
	}
	until(t, "fences", func() bool {
		return metric(t, stacks[0], `identityd_lease_fence{lease="janitor"}`) != "" ||
			metric(t, stacks[1], `identityd_lease_fence{lease="janitor"}`) != ""
	})
	last, _, err := s.janitor(10, 10).Status(t.Context(), true)
	if err != nil || last.Ended.IsZero() || time.Since(last.Ended) > time.Minute {
		t.Errorf("got the last run at %+v, %v", last, err)
	}
}
