package kratos

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gofrs/uuid"

	"example.com/identityd/internal/offboard"
	"example.com/identityd/internal/signout"
)

type carrying struct {
	Offboarding
	carry func([]offboard.Order)
}

func (c carrying) Carry(_ context.Context, orders []offboard.Order) { c.carry(orders) }

type settling struct{ Endings }

func (settling) Settle(context.Context, []signout.Session) (frames []string) { return nil }

// TestALongAnswerWaitsUntilAccessHasEnded: servers send what is longer than their buffers at once.
func TestALongAnswerWaitsUntilAccessHasEnded(t *testing.T) {
	w := httptest.NewRecorder()
	carried := 0
	ends := carrying{carry: func(orders []offboard.Order) {
		carried += len(orders)
		if w.Body.Len() > 0 {
			t.Errorf("%d bytes were on their way before access had ended", w.Body.Len())
		}
	}}
	e := &Engine{cfg: Config{Endings: settling{}, Offboarding: ends}}
	long := make([]byte, 64<<10)
	e.settle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requestOf(r.Context()).order(offboard.Order{Identity: uuid.Must(uuid.NewV4()).String(), Reason: offboard.Deactivated})
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write(long)
	})).ServeHTTP(w, httptest.NewRequest(http.MethodPatch, "/admin/identities/x", http.NoBody))
	if carried != 1 || w.Code != http.StatusAccepted || w.Body.Len() != len(long) {
		t.Errorf("got %d orders, status %d and %d bytes", carried, w.Code, w.Body.Len())
	}
}
