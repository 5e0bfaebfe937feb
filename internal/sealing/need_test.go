package sealing

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWhatASecretIsStillNeededFor(t *testing.T) {
	now := noon()
	d, l := rotated(t, &now)
	// A process that was not restarted seals with the old ones.
	if err := l.Note(t.Context(), "late", []Secret{secret("system", "old"), secret("cookie", "c1"), secret("cipher", "k1")}); err != nil {
		t.Fatal(err)
	}
	run(t, l.DB, "INSERT INTO hydra_jwk VALUES ('1', 'old<key>')")
	run(t, l.DB, "INSERT INTO sessions VALUES (TRUE, '2026-11-27 10:00:00', '2026-11-28 10:00:00'), (TRUE, '2026-11-26 10:00:00', '2026-11-27 11:00:00'), (FALSE, '2026-11-27 10:00:00', '2026-12-28 10:00:00')")

	needs, _ := d.look(t, l, false)
	got := map[string]Need{}
	for _, n := range needs {
		got[n.Fingerprint] = n
	}
	old := got["old"]
	if old.Rows != 1 || old.Position != 1 || old.Tables["hydra_jwk"] != 1 || !old.Until.Equal(noon().Add(step+passing)) || !old.Needed(now) {
		t.Errorf("the old system secret: got %+v", old)
	}
	if diff := cmp.Diff([]string{"late"}, old.Holders); diff != "" {
		t.Errorf("who seals with it (-want +got):\n%s", diff)
	}
	want := []string{
		"the process late seals with it; restart that first",
		"1 rows of hydra_jwk are opened by it alone (a serving process seals them anew, or: identityd secrets reseal)",
		"until 2026-11-27T14:10:00Z: what it sealed on its way to people ends by then",
	}
	if diff := cmp.Diff(want, old.Reasons(now)); diff != "" {
		t.Errorf("why (-want +got):\n%s", diff)
	}
	if c := got["c1"]; c.Sessions != 1 || !c.Until.Equal(time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("the old cookie secret is needed until the last session ends: got %+v", c)
	}
	for _, first := range []string{"new", "c2", "k2"} {
		if n := got[first]; n.Position != 0 || !n.Needed(now) || !n.Until.IsZero() {
			t.Errorf("the first of a list is always needed: got %+v", n)
		}
	}

	t.Run("once nobody seals with it and all was sealed anew, it is not", func(t *testing.T) {
		list := []Secret{secret("system", "old"), secret("cookie", "c1"), secret("cipher", "k1")}
		if err := l.Leave(t.Context(), "late", list); err != nil {
			t.Fatal(err)
		}
		now = noon().Add(50 * time.Hour)
		needs, _, err := d.Count(t.Context(), l, Keep{Session: 24 * time.Hour, Token: 48 * time.Hour}, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range needs {
			if n.Position > 0 && (n.Needed(now) || len(n.Reasons(now)) > 0) {
				t.Errorf("%s: got %+v: %q", n.Fingerprint, n, n.Reasons(now))
			}
		}
		rows, err := l.Rows(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if row := rows[[2]string{"system", "old"}]; row.Rows != 0 || !row.Counted.Equal(now) {
			t.Errorf("other processes are told: got %+v", row)
		}
	})
}

func TestSessionsOfTokensThatAreNotSealedOutlastTheSecretThatSignedThem(t *testing.T) {
	now := noon()
	d, l := rotated(t, &now)
	run(t, l.DB, "INSERT INTO hydra_oauth2_refresh VALUES ('1', '{}', NULL, TRUE)")
	needs, _ := d.look(t, l, false)
	for _, n := range needs {
		if n.Fingerprint == "old" && !n.Until.Equal(noon().Add(48*time.Hour)) {
			t.Errorf("got %v, want the longest life of a token after now, because no ledger knows it", n.Until)
		}
	}
}
