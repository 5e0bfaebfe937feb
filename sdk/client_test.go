package sdk

import (
	"net/http"
	"testing"

	ory "github.com/ory/client-go"
)

// TestClientGo takes the SDK of Ory's hosted product, which has everything in one.
func TestClientGo(t *testing.T) {
	ctx := bounded(t)
	at := func(base string) *ory.APIClient {
		c := ory.NewConfiguration()
		c.Servers = ory.ServerConfigurations{{URL: base}}
		return ory.NewAPIClient(c)
	}
	hydraAdmin, kratosAdmin := at(address(t, "HYDRA_ADMIN")), at(address(t, "KRATOS_ADMIN"))
	front, public := at(address(t, "KRATOS")), address(t, "HYDRA")

	asked := ory.NewOAuth2Client()
	asked.SetGrantTypes([]string{"client_credentials"})
	asked.SetScope("read")
	asked.SetTokenEndpointAuthMethod("client_secret_post")
	client, res, err := hydraAdmin.OAuth2API.CreateOAuth2Client(ctx).OAuth2Client(*asked).Execute()
	answered(t, "createOAuth2Client", res, err, http.StatusCreated)
	token := clientToken(ctx, t, public, client.GetClientId(), client.GetClientSecret())
	found, res, err := hydraAdmin.OAuth2API.IntrospectOAuth2Token(ctx).Token(token).Execute()
	answered(t, "introspectOAuth2Token", res, err, http.StatusOK)
	want(t, "active", found.Active, true)
	keys, res, err := at(public).WellknownAPI.DiscoverJsonWebKeys(ctx).Execute()
	answered(t, "discoverJsonWebKeys", res, err, http.StatusOK)
	want(t, "there are keys", len(keys.GetKeys()) > 0, true)
	res, err = hydraAdmin.OAuth2API.DeleteOAuth2Client(ctx, client.GetClientId()).Execute()
	answered(t, "deleteOAuth2Client", res, err, http.StatusNoContent)

	flow, res, err := front.FrontendAPI.CreateNativeRegistrationFlow(ctx).Execute()
	answered(t, "createNativeRegistrationFlow", res, err, http.StatusOK)
	email := mail()
	body := ory.NewUpdateRegistrationFlowWithPasswordMethod("password", password, map[string]any{"email": email})
	_, res, err = front.FrontendAPI.UpdateRegistrationFlow(ctx).Flow(flow.Id).
		UpdateRegistrationFlowBody(ory.UpdateRegistrationFlowWithPasswordMethodAsUpdateRegistrationFlowBody(body)).Execute()
	answered(t, "updateRegistrationFlow", res, err, http.StatusOK)
	people, res, err := kratosAdmin.IdentityAPI.ListIdentities(ctx).CredentialsIdentifier(email).Execute()
	answered(t, "listIdentities", res, err, http.StatusOK)
	want(t, "people of that address", len(people), 1)
}
