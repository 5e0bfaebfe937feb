package crdbtest_test

import (
	"log/slog"
	"testing"

	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/stacktest"
)

// TestJanitor makes half of the login flows old, and wants these gone and nothing else.
func TestJanitor(t *testing.T) {
	s, where := onShared(t)
	stacktest.Start(t, where.options()...).Journey(t, client, 4)
	kratos := s.DB(t, one.kratos)
	const aged = `UPDATE selfservice_login_flows SET expires_at = expires_at - INTERVAL '400 days',
		issued_at = issued_at - INTERVAL '400 days', created_at = created_at - INTERVAL '400 days',
		updated_at = updated_at - INTERVAL '400 days' WHERE id IN (SELECT id FROM selfservice_login_flows ORDER BY id LIMIT $1)`
	const live = "SELECT count(*) FROM selfservice_login_flows WHERE expires_at > now() - INTERVAL '300 days'"
	old := count(t, kratos, "SELECT count(*) FROM selfservice_login_flows") / 2
	if old == 0 {
		t.Fatal("there is no flow to make old")
	}
	if _, err := kratos.ExecContext(t.Context(), aged, old); err != nil {
		t.Fatal(err)
	}
	kept, people := count(t, kratos, live), count(t, kratos, "SELECT count(*) FROM identities")
	opts := stack.Options{Log: slog.New(slog.DiscardHandler), Version: "test"}
	removed, err := stack.CleanUp(t.Context(), where.config(t), opts, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("removed: %+v", removed)
	if n := count(t, kratos, "SELECT count(*) FROM selfservice_login_flows"); n != kept {
		t.Errorf("got %d flows, want the %d that are not old", n, kept)
	}
	if n := count(t, kratos, "SELECT count(*) FROM identities"); n != people {
		t.Errorf("got %d people, want all %d", n, people)
	}
	stacktest.Start(t, where.options()...).Journey(t, client, 1)
}
