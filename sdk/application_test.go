package sdk

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	hydra "github.com/ory/hydra-client-go/v2"
)

// application is a server that people sign in to: /login leads to identityd, /callback back, /bye is for those who left.
type application struct {
	id, secret, base string
	mux              *http.ServeMux
}

// newApplication makes its client, and serves it; its library adds the pages.
func newApplication(ctx context.Context, t *testing.T, name string) *application {
	t.Helper()
	app := &application{mux: http.NewServeMux()}
	server := httptest.NewServer(app.mux)
	t.Cleanup(server.Close)
	app.base = server.URL
	app.mux.HandleFunc("GET /bye", func(w http.ResponseWriter, r *http.Request) {
		if _, err := w.Write([]byte("bye, " + r.URL.Query().Get("state"))); err != nil {
			t.Error(err)
		}
	})

	c := hydra.NewConfiguration()
	c.Servers = hydra.ServerConfigurations{{URL: address(t, "HYDRA_ADMIN")}}
	asked := hydra.NewOAuth2Client()
	asked.SetClientName(name)
	asked.SetGrantTypes([]string{"authorization_code", "refresh_token", "client_credentials"})
	asked.SetResponseTypes([]string{"code"})
	asked.SetScope("openid offline_access email read")
	asked.SetRedirectUris([]string{app.base + "/callback"})
	asked.SetPostLogoutRedirectUris([]string{app.base + "/bye"})
	asked.SetTokenEndpointAuthMethod("client_secret_basic")
	made, res, err := hydra.NewAPIClient(c).OAuth2API.CreateOAuth2Client(ctx).OAuth2Client(*asked).Execute()
	answered(t, "createOAuth2Client", res, err, http.StatusCreated)
	app.id, app.secret = made.GetClientId(), made.GetClientSecret()
	return app
}

func decode(t *testing.T, raw string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(raw), into); err != nil {
		t.Fatalf("%v: %.600s", err, raw)
	}
}

// signedIn goes to the application's /login, and agrees to what it wants.
func (app *application) signedIn(ctx context.Context, t *testing.T, b *browser) {
	t.Helper()
	b.open(ctx, t, app.base+"/login")
	b.submit(ctx, t, map[string]string{"action": "allow"})
	if b.at.Path != "/callback" || b.status != http.StatusOK {
		t.Fatalf("the browser is at %s with %d, want the page of the application:\n%.600s", b.at.Path, b.status, b.page)
	}
}

// signedOut goes where the sign-out of an application begins.
func (app *application) signedOut(ctx context.Context, t *testing.T, b *browser, at string) {
	t.Helper()
	b.open(ctx, t, at)
	b.submit(ctx, t, map[string]string{"action": "yes"})
	want(t, "where the sign-out leads to", b.at.Scheme+"://"+b.at.Host+b.at.Path, app.base+"/bye")
	want(t, "what is said there", b.page, "bye, left")
}
