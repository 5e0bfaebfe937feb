package kratos

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	"github.com/google/go-cmp/cmp"
	"github.com/ory/herodot"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/selfservice/flow/settings"
	ksession "github.com/ory/kratos/session"

	"example.com/identityd/internal/offboard"
)

var errUnwritten = errors.New("not written down")

// orders takes what is ordered, unless it cannot.
type orders struct {
	Offboarding
	full  bool
	noted []offboard.Order
}

func (o *orders) Note(_ func(string, ...any) error, order offboard.Order) error {
	if o.full {
		return errUnwritten
	}
	o.noted = append(o.noted, order)
	return nil
}

func (*orders) Later(offboard.Order) {}

// asking is a request of its own.
func asking(t *testing.T, path string) (context.Context, *request) {
	t.Helper()
	n := newRequest(httptest.NewRequest(http.MethodPost, path, nil))
	return context.WithValue(t.Context(), requestKey{}, n), n
}

// TestWhatHappensWhileAPersonIsWritten goes step by step through what two requests do at the same time: Kratos writes
// people as a whole, as they were read (docs/ory-quirks.md#q213).
func TestWhatHappensWhileAPersonIsWritten(t *testing.T) {
	onDatabases(t, func(t *testing.T, open func(func(*Config)) *Engine) {
		e := open(cheap("128KB"))
		queue := &orders{}
		p := offboarding{e.registry.Persister(), queue}
		state := func(id uuid.UUID) kidentity.State {
			t.Helper()
			who, err := p.GetIdentityConfidential(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			return who.State
		}
		t.Run("who was deactivated since they were read is not active again", func(t *testing.T) {
			id := personWithPassword(t, e, "ada").ID
			slow, _ := asking(t, "/admin/identities/x")
			read, err := p.GetIdentityConfidential(slow, id)
			if err != nil {
				t.Fatal(err)
			}
			fast, _ := asking(t, "/admin/identities/x")
			off, err := p.GetIdentityConfidential(fast, id)
			if err != nil {
				t.Fatal(err)
			}
			off.State = kidentity.StateInactive
			if err := p.UpdateIdentity(fast, off); err != nil || len(queue.noted) != 1 || queue.noted[0].Reason != offboard.Deactivated {
				t.Fatalf("got %v, ordered %v", err, queue.noted)
			}
			var refused *herodot.DefaultError
			if err := p.UpdateIdentity(slow, read); !errors.As(err, &refused) || refused.StatusCode() != http.StatusConflict {
				t.Errorf("got %v, want a conflict", err)
			}
			if got := state(id); got != kidentity.StateInactive {
				t.Errorf("the person is %s", got)
			}
		})
		t.Run("a session that ended since changes nothing", func(t *testing.T) {
			who := personWithPassword(t, e, "bea")
			ctx, n := asking(t, settings.RouteSubmitFlow)
			s := &ksession.Session{
				ID: uuid.Must(uuid.NewV4()), IdentityID: who.ID, Identity: who, Active: true, Token: "token-of-bea", LogoutToken: "logout-of-bea",
				IssuedAt: time.Now(), AuthenticatedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
			}
			if err := e.registry.Persister().UpsertSession(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			n.keepSession(who.ID, s.ID)
			n.keepBefore(provableOf(who))
			if err := p.UpdateIdentity(ctx, who); err != nil {
				t.Fatalf("with its session: %v", err)
			}
			if _, err := e.endAccess(t.Context(), who.ID, uuid.Nil, time.Time{}); err != nil {
				t.Fatal(err)
			}
			if err := p.UpdateIdentity(ctx, who); ksession.NewErrNoActiveSessionFound().Error() != errText(err) {
				t.Errorf("got %v, want that there is no session", err)
			}
		})
		t.Run("who is deactivated keeps no session, whoever writes it", func(t *testing.T) {
			who := personWithPassword(t, e, "eve")
			who.State = kidentity.StateInactive
			ctx, n := asking(t, settings.RouteSubmitFlow)
			n.keepSession(who.ID, uuid.Must(uuid.NewV4()))
			queue.noted = nil
			if err := p.UpdateIdentity(ctx, who); err != nil || len(queue.noted) != 1 || queue.noted[0].Keep != "" {
				t.Errorf("got %v, ordered %+v", err, queue.noted)
			}
		})
		t.Run("nobody goes whose order cannot be written down", func(t *testing.T) {
			id := personWithPassword(t, e, "carl").ID
			queue.full = true
			defer func() { queue.full = false }()
			ctx, _ := asking(t, "/admin/identities/x")
			if err := p.DeleteIdentity(ctx, id); !errors.Is(err, errUnwritten) {
				t.Errorf("got %v", err)
			}
			if got := state(id); got != kidentity.StateActive {
				t.Errorf("the person is %s", got)
			}
		})
		t.Run("who is held is nobody else's", func(t *testing.T) {
			id := personWithPassword(t, e, "dora").ID
			other := open(cheap("128KB"))
			if e.registry.Persister().GetConnection(t.Context()).Dialect.Name() == "sqlite3" {
				t.Skip("one writes at a time there")
			}
			err := e.registry.Persister().Transaction(t.Context(), func(ctx context.Context, tx *pop.Connection) error {
				if _, err := e.hold(ctx, tx, id); err != nil {
					return err
				}
				return other.registry.Persister().GetConnection(t.Context()).RawQuery("SELECT id FROM identities WHERE id = ? FOR UPDATE NOWAIT", id).Exec()
			})
			if !strings.Contains(errText(err), "55P03") { // lock not available
				t.Errorf("got %v, want that it is held", err)
			}
		})
	})
}

// TestWhatLetsAPersonInIsKnown holds the tables whose rows end with all access against those that there are.
func TestWhatLetsAPersonInIsKnown(t *testing.T) {
	onDatabases(t, func(t *testing.T, open func(func(*Config)) *Engine) {
		c := open(nil).registry.Persister().GetConnection(t.Context())
		query := "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
		if c.Dialect.Name() == "sqlite3" {
			query = "SELECT name FROM sqlite_master WHERE type = 'table'"
		}
		var tables []struct {
			Name string `db:"name"`
		}
		if err := c.RawQuery(query).All(&tables); err != nil {
			t.Fatal(err)
		}
		got, want := []string{}, append(
			pending(),
			"identity_verification_codes", "identity_verification_tokens", // these prove an address and sign nobody in
			"identity_registration_codes", // of whom there is no account yet
		)
		for _, table := range tables {
			if strings.HasPrefix(table.Name, "identity_") && (strings.HasSuffix(table.Name, "_codes") || strings.HasSuffix(table.Name, "_tokens")) {
				got = append(got, table.Name)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("tables of codes and links (-want +got):\n%s", diff)
		}
	})
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
