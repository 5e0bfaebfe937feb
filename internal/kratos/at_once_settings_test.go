package kratos

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/gofrs/uuid"
	"github.com/ory/kratos/selfservice/flow"
	"github.com/ory/kratos/selfservice/flow/settings"
	"github.com/ory/kratos/ui/container"
	"github.com/ory/x/sqlcon"
)

func TestASettingsFlowIsWhatUpstreamReads(t *testing.T) {
	onDatabases(t, func(t *testing.T, open func(func(*Config)) *Engine) {
		e := open(nil)
		theirs, ours := upstreams(t, e), e.registry.Persister()
		all := populate(t, theirs)
		ids := []uuid.UUID{uuid.Must(uuid.NewV4())}
		for _, person := range all.people[:len(all.people)-1] {
			f := &settings.Flow{
				ID: uuid.Must(uuid.NewV4()), IdentityID: person, Type: flow.TypeBrowser, State: flow.StateShowForm,
				IssuedAt: time.Now().UTC(), ExpiresAt: time.Now().Add(time.Hour).UTC(), RequestURL: "https://id.example/settings",
				UI: container.New("https://id.example/self-service/settings"),
			}
			if err := theirs.CreateSettingsFlow(t.Context(), f); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, f.ID)
		}
		for _, id := range ids {
			want, wantErr := theirs.GetSettingsFlow(t.Context(), id)
			got, gotErr := ours.GetSettingsFlow(t.Context(), id)
			if wantErr != nil || gotErr != nil {
				if !errors.Is(gotErr, sqlcon.ErrNoRows) || !errors.Is(wantErr, sqlcon.ErrNoRows) {
					t.Errorf("%s: got error %v, want %v", id, gotErr, wantErr)
				}
				continue
			}
			if got, want := asJSON(t, got), asJSON(t, want); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", id, got, want)
			}
			alike(t, id.String(), got.Identity, want.Identity, nil, nil)
			got.Identity, want.Identity = nil, nil
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got\n%+v\nwant\n%+v", id, got, want)
			}
		}
	})
}
