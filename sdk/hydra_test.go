package sdk

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	hydra "github.com/ory/hydra-client-go/v2"
)

func TestHydraClientGo(t *testing.T) {
	ctx, public := bounded(t), address(t, "HYDRA")
	at := func(base string) *hydra.APIClient {
		c := hydra.NewConfiguration()
		c.Servers = hydra.ServerConfigurations{{URL: base}}
		return hydra.NewAPIClient(c)
	}
	admin, front := at(address(t, "HYDRA_ADMIN")), at(public)

	version, res, err := admin.MetadataAPI.GetVersion(ctx).Execute()
	answered(t, "getVersion", res, err, http.StatusOK)
	want(t, "a version is said", version.GetVersion() != "", true)
	_, res, err = front.MetadataAPI.IsReady(ctx).Execute()
	answered(t, "isReady", res, err, http.StatusOK)

	asked := hydra.NewOAuth2Client()
	asked.SetClientName("sdk")
	asked.SetGrantTypes([]string{"client_credentials"})
	asked.SetScope("read")
	asked.SetTokenEndpointAuthMethod("client_secret_post")
	client, res, err := admin.OAuth2API.CreateOAuth2Client(ctx).OAuth2Client(*asked).Execute()
	answered(t, "createOAuth2Client", res, err, http.StatusCreated)
	id := client.GetClientId()
	got, res, err := admin.OAuth2API.GetOAuth2Client(ctx, id).Execute()
	answered(t, "getOAuth2Client", res, err, http.StatusOK)
	want(t, "the name", got.GetClientName(), "sdk")
	list, res, err := admin.OAuth2API.ListOAuth2Clients(ctx).PageSize(100).Execute()
	answered(t, "listOAuth2Clients", res, err, http.StatusOK)
	want(t, "there are clients", len(list) > 0, true)
	patch := hydra.NewJsonPatch("replace", "/client_name")
	patch.SetValue("sdk, patched")
	got, res, err = admin.OAuth2API.PatchOAuth2Client(ctx, id).JsonPatch([]hydra.JsonPatch{*patch}).Execute()
	answered(t, "patchOAuth2Client", res, err, http.StatusOK)
	want(t, "the name after a patch", got.GetClientName(), "sdk, patched")

	token := clientToken(ctx, t, public, id, client.GetClientSecret())
	found, res, err := admin.OAuth2API.IntrospectOAuth2Token(ctx).Token(token).Execute()
	answered(t, "introspectOAuth2Token", res, err, http.StatusOK)
	want(t, "active", found.GetActive(), true)
	want(t, "the client of the token", found.GetClientId(), id)

	keys, res, err := front.WellknownAPI.DiscoverJsonWebKeys(ctx).Execute()
	answered(t, "discoverJsonWebKeys", res, err, http.StatusOK)
	want(t, "there are keys", len(keys.GetKeys()) > 0, true)
	oidc, res, err := front.OidcAPI.DiscoverOidcConfiguration(ctx).Execute()
	answered(t, "discoverOidcConfiguration", res, err, http.StatusOK)
	want(t, "the issuer", strings.TrimSuffix(oidc.GetIssuer(), "/"), public)

	res, err = admin.OAuth2API.DeleteOAuth2Client(ctx, id).Execute()
	answered(t, "deleteOAuth2Client", res, err, http.StatusNoContent)
	_, res, err = admin.OAuth2API.GetOAuth2Client(ctx, id).Execute()
	answered(t, "getOAuth2Client of one that is gone", res, err, http.StatusNotFound)
}

// clientToken asks for a token as OAuth2 has it, which is no call of the SDK.
func clientToken(ctx context.Context, t *testing.T, base, id, secret string) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}, "scope": {"read"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var body struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil || body.AccessToken == "" {
		t.Fatalf("the token endpoint answered %d without a token: %v", res.StatusCode, err)
	}
	return body.AccessToken
}
