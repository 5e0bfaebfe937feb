package stacktest

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/janitor"
	"example.com/identityd/internal/logging"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/store"
)

// seeded are migrated databases of PostgreSQL that nobody serves from, with a tenant and a client.
func seeded(t *testing.T) *janitorSite {
	t.Helper()
	server, set := pgtest.Shared(t), map[string]string{}
	for _, o := range onPostgres(t, server) {
		o(set)
	}
	s := &janitorSite{Stack: &Stack{Log: &Log{}}}
	s.load(t, set)
	log, _ := logging.New(s.Log, logging.Options{})
	if err := stack.Migrate(t.Context(), s.cfg, stack.Options{Log: log, Version: "test"}); err != nil {
		t.Fatal(err)
	}
	s.hydra = openDB(t, "pgx", server.DatabaseURL(set["database.hydra.name"]))
	s.kratos = openDB(t, "pgx", server.DatabaseURL(set["database.kratos.name"]))
	return s
}

const day = 24 * time.Hour

// janitor returns one with the usual limits that removes so many rows at a time and per second.
func (s *janitorSite) janitor(batch, perSecond int) *janitor.Janitor {
	dialect := store.Postgres
	if s.dialect != "" {
		dialect = s.dialect
	}
	return janitor.New(janitor.Config{
		Hydra: s.hydra, Kratos: s.kratos, Dialect: dialect, Batch: batch, RowsPerSecond: perSecond,
		Limits: janitor.Limits{
			KeepSessions: 30 * day, KeepTokens: day, KeepFlows: day, KeepMail: 7 * day, KeepErrors: 7 * day,
			OldestToken: 30 * day, Session: 30 * day,
		},
	})
}

// seedErrors makes errors that are old enough.
func seedErrors(t *testing.T, s *janitorSite, n int) {
	t.Helper()
	mustExec(t, s.kratos, "INSERT INTO selfservice_errors (id, errors, was_seen, created_at, updated_at, csrf_token, nid)"+
		" SELECT gen_random_uuid(), '{}', FALSE, now() - interval '8 days', now(), '', id FROM networks, generate_series(1, "+
		strconv.Itoa(n)+")")
}

func TestTheJanitorHasToHaveTheLatestFence(t *testing.T) {
	s := seeded(t)
	const rows = 1000
	seedErrors(t, s, rows)
	slow := make(chan error, 1)
	go func() {
		_, err := s.janitor(10, 100).Run(t.Context(), 5)
		slow <- err
	}()
	until(t, "the slow one", func() bool { return count(t, s.kratos, "selfservice_errors") < rows })
	if _, err := s.janitor(10, 1_000_000).Run(t.Context(), 4); !errors.Is(err, janitor.ErrFenced) {
		t.Errorf("a process that woke up late: got %v, want %v", err, janitor.ErrFenced)
	}
	left := count(t, s.kratos, "selfservice_errors")
	if left == 0 {
		t.Fatal("the slow one was done already, so that nothing is shown")
	}
	removed, err := s.janitor(100, 1_000_000).Run(t.Context(), 6)
	went := slices.ContainsFunc(removed, func(r janitor.Removed) bool { return r.Table == "selfservice_errors" && r.Rows > 0 })
	if err != nil || !went {
		t.Errorf("the next holder: got %v, %v, want it to go on", removed, err)
	}
	if err := <-slow; !errors.Is(err, janitor.ErrFenced) {
		t.Errorf("the one before: got %v, want %v", err, janitor.ErrFenced)
	}
	if got := count(t, s.kratos, "selfservice_errors"); got != 0 {
		t.Errorf("got %d errors left, want none", got)
	}
}

func TestTheJanitorStopsWithItsLease(t *testing.T) {
	s := seeded(t)
	const rows = 1000
	seedErrors(t, s, rows)
	ctx, lose := context.WithCancelCause(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := s.janitor(10, 10).Run(ctx, 1)
		done <- err
	}()
	until(t, "the first batch", func() bool { return count(t, s.kratos, "selfservice_errors") < rows })
	lose(store.ErrLeaseLost)
	began := time.Now()
	if err := <-done; !errors.Is(err, store.ErrLeaseLost) {
		t.Errorf("got %v, want %v", err, store.ErrLeaseLost)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it stopped after %s, want within a heartbeat", took)
	}
	if left := count(t, s.kratos, "selfservice_errors"); left < rows/2 {
		t.Errorf("got %d rows left, want most", left)
	}
}

// seedTokens makes n grants of Hydra, each with a flow and a token of each kind, evenly old between no
// and 99 days, and one consent in fifty remembered for 30 days.
func seedTokens(t *testing.T, s *janitorSite, n int) {
	t.Helper()
	series := "generate_series(1, " + strconv.Itoa(n) + ") AS i"
	const at = "now() AT TIME ZONE 'utc' - (i % 100) * interval '1 day' - interval '1 minute'"
	mustExec(t, s.hydra, `INSERT INTO hydra_client (id, nid, client_name, client_secret, scope, owner, policy_uri, tos_uri, client_uri,
		logo_uri, client_secret_expires_at, sector_identifier_uri, jwks, jwks_uri, request_uris, token_endpoint_auth_method,
		request_object_signing_alg, userinfo_signed_response_alg, subject_type, pk, redirect_uris, grant_types, response_types, audience,
		allowed_cors_origins, contacts, metadata, registration_access_token_signature)
		SELECT 'seed', id, '', '', '', '', '', '', '', '', 0, '', '{}', '', '[]', 'none', '', '', 'public', gen_random_uuid(),
		'[]', '[]', '[]', '[]', '[]', '[]', '{}', '' FROM networks`)
	mustExec(t, s.hydra, "INSERT INTO hydra_oauth2_flow (login_challenge, nid, requested_scope, login_verifier, login_csrf, subject,"+
		" request_url, login_skip, client_id, requested_at, oidc_context, state, login_remember, login_remember_for, login_error, acr,"+
		" login_was_used, context, amr, consent_challenge_id, consent_skip, consent_verifier, consent_csrf, granted_scope,"+
		" consent_remember, consent_remember_for, consent_error, session_id_token, session_access_token, consent_was_used)"+
		" SELECT md5(i::text), id, '[]', 'v' || i, 'c' || i, 'subject-' || i, '', FALSE, 'seed', "+at+", '{}', 6, TRUE, 3600, '{}', '',"+
		" TRUE, '{}', '[]', 'consent-' || i, FALSE, 'cv' || i, 'cc' || i, '[]', i % 50 = 0, 2592000, '{}', '{}', '{}', TRUE"+
		" FROM networks, "+series)
	for name, life := range map[string]string{"access": "1 hour", "refresh": "30 days", "code": "10 minutes"} {
		mustExec(t, s.hydra, "INSERT INTO hydra_oauth2_"+name+" (signature, request_id, requested_at, client_id, scope, granted_scope,"+
			" form_data, session_data, subject, active, challenge_id, nid, expires_at)"+
			" SELECT md5(i::text), 'req' || i, "+at+", 'seed', '', '', '', '{}', '', TRUE, 'consent-' || i, id, "+at+
			" + interval '"+life+"' FROM networks, "+series)
	}
}

// TestTheJanitorOverManyRows removes what is dead of many rows in batches, within bounded memory. What
// is left is counted, not asked of the janitor. A million rows are for .ci/long.
func TestTheJanitorOverManyRows(t *testing.T) {
	grants := 5_000
	if os.Getenv("IDENTITYD_TEST_LONG") != "" {
		grants = 250_000
	} else {
		t.Log("SKIP: a million rows take minutes; IDENTITYD_TEST_LONG=1 takes them, here are 20 thousand")
	}
	s := seeded(t)
	seedTokens(t, s, grants)
	dry, err := s.janitor(1000, 1_000_000).Preview(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stop := watchHeap(t)
	began := time.Now()
	removed, err := s.janitor(1000, 1_000_000).Run(t.Context(), 1)
	most := stop()
	if err != nil {
		t.Fatal(err)
	}
	var total int64
	for i, r := range removed {
		if total += r.Rows; r.Rows > 0 {
			t.Logf("%-24s %8d rows in %-10s (%d in the preview)", r.Table, r.Rows, r.Took.Round(time.Millisecond), dry[i].Rows)
		}
	}
	took := time.Since(began)
	t.Logf("%d of %d rows in %s, %.0f a second, heap at most %d MiB", total, 4*grants, took.Round(time.Millisecond),
		float64(total)/took.Seconds(), most>>20)
	if limit := uint64(128 << 20); most > limit {
		t.Errorf("the heap grew to %d MiB, want at most %d", most>>20, limit>>20)
	}
	// Of a hundred days: access tokens and codes of the last two are within a day of their end, refresh
	// tokens of the last 31; flows follow them, and consents last as long.
	share := grants / 100
	got := map[string]int{}
	for _, name := range []string{"access", "refresh", "code", "flow"} {
		got[name] = count(t, s.hydra, "hydra_oauth2_"+name)
	}
	want := map[string]int{"access": 2 * share, "refresh": 31 * share, "code": 2 * share, "flow": 31 * share}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	again, err := s.janitor(1000, 1_000_000).Run(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(again, func(r janitor.Removed) bool { return r.Rows > 0 }) {
		t.Errorf("a second run removed more: %v", again)
	}
}

// watchHeap returns a function that ends the watch and returns how large the heap was at most.
func watchHeap(t *testing.T) func() uint64 {
	t.Helper()
	runtime.GC()
	end, most := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		var largest uint64
		for {
			select {
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				largest = max(largest, m.HeapAlloc)
			case <-end:
				most <- largest
				return
			}
		}
	}()
	return func() uint64 { close(end); return <-most }
}
