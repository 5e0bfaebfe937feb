package stacktest

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What another system calls somebody stays as long as they do.
func TestExternalIDsStayWithTheirPeople(t *testing.T) {
	janitorSites(t, func(t *testing.T, s *janitorSite) {
		made, _ := importPeople(t, s.Stack, someoneFrom("stays", nil), someoneFrom("goes", nil))
		if status, body := asAdmin(t, s.Stack, http.MethodDelete, "/admin/identities/"+made.People[1].ID, nil); status != http.StatusNoContent {
			t.Fatalf("got %d: %s", status, body)
		}
		if got := s.clean(t)["identityd_external_id"]; got != 1 {
			t.Errorf("got %d rows removed, want that of whoever is gone", got)
		}
		again, _ := importPeople(t, s.Stack, someoneFrom("stays", nil), someoneFrom("goes", nil))
		if diff := cmp.Diff(map[string]int{"unchanged": 1, "created": 1}, again.outcomes()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
