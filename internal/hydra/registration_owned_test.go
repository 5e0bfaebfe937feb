package hydra

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/client"
	"github.com/ory/x/sqlxx"

	"example.com/identityd/internal/identity"
)

// manager keeps one client.
type manager struct {
	client.Manager
	held    client.Client
	updated *client.Client
}

func (m *manager) GetConcreteClient(context.Context, string) (*client.Client, error) {
	c := m.held
	return &c, nil
}

func (m *manager) UpdateClient(_ context.Context, c *client.Client) error {
	held := *c
	m.updated = &held
	return nil
}

func TestAnApplicationChangesWhatItRegisteredAlone(t *testing.T) {
	t.Run("a client that an operator made is none", func(t *testing.T) {
		for _, metadata := range []string{"", "{}", `{"team":"shop"}`} {
			m := &manager{held: client.Client{ID: "a", Metadata: sqlxx.JSONRawMessage(metadata)}}
			r := registeredClients{Manager: m}
			_, err := r.GetConcreteClient(t.Context(), "a")
			if !errors.Is(err, fosite.ErrNotFound) || !errors.Is(r.UpdateClient(t.Context(), &client.Client{ID: "a"}), fosite.ErrNotFound) || m.updated != nil {
				t.Errorf("%q: got %v, stored %v", metadata, err, m.updated)
			}
		}
	})
	t.Run("a change takes away that it was verified, keeps what is beside it, and is told", func(t *testing.T) {
		m := &manager{held: client.Client{ID: "a", Metadata: sqlxx.JSONRawMessage(
			`{"` + identity.RegistrationMark + `":{"at":"2026-01-01T00:00:00Z","verified":"2026-01-02T00:00:00Z"},"team":"shop"}`,
		)}}
		told := ""
		r := registeredClients{Manager: m, told: func(_ context.Context, id string, _ map[string]string) { told = id }}
		if err := r.UpdateClient(t.Context(), &client.Client{ID: "a"}); err != nil {
			t.Fatal(err)
		}
		mark := identity.RegistrationOf(m.updated.Metadata)
		var all map[string]any
		if err := json.Unmarshal(m.updated.Metadata, &all); err != nil || mark == nil || mark.Verified != nil || all["team"] != "shop" || told != "a" {
			t.Errorf("got %s, %v, told of %q", m.updated.Metadata, err, told)
		}
	})
}

func TestWhatARegistrationAnswers(t *testing.T) {
	e := &Engine{cfg: Config{Issuer: "https://id.example.com/"}}
	w := httptest.NewRecorder()
	e.answering(w, httptest.NewRequest(http.MethodPost, "/oauth2/register", nil), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/admin/clients/a")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"client_id":"a","client_secret":"s","client_secret_expires_at":0,"metadata":{"x":1},"owner":"me","skip_consent":true,` +
			`"jwks_uri":"","contacts":null,"refresh_token_grant_id_token_lifespan":"1h","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}`))
	}))
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"client_id": "a", "client_secret": "s", "client_secret_expires_at": 0.0, "client_id_issued_at": 1767225600.0,
		"registration_client_uri": "https://id.example.com/oauth2/register/a",
	}
	if diff := cmp.Diff(want, got); diff != "" || w.Code != http.StatusCreated || w.Header().Get("Location") != "" {
		t.Errorf("%d, Location %q (-want +got):\n%s", w.Code, w.Header().Get("Location"), diff)
	}
}
