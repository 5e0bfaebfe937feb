package sdk

import (
	"net/http"
	"testing"

	kratos "github.com/ory/kratos-client-go"
)

func TestKratosClientGo(t *testing.T) {
	ctx := bounded(t)
	at := func(base string) *kratos.APIClient {
		c := kratos.NewConfiguration()
		c.Servers = kratos.ServerConfigurations{{URL: base}}
		return kratos.NewAPIClient(c)
	}
	admin, front := at(address(t, "KRATOS_ADMIN")), at(address(t, "KRATOS"))

	version, res, err := admin.MetadataAPI.GetVersion(ctx).Execute()
	answered(t, "getVersion", res, err, http.StatusOK)
	want(t, "a version is said", version.GetVersion() != "", true)

	email := mail()
	made, res, err := admin.IdentityAPI.CreateIdentity(ctx).CreateIdentityBody(*kratos.NewCreateIdentityBody("email@1", map[string]any{"email": email})).Execute()
	answered(t, "createIdentity", res, err, http.StatusCreated)
	person, res, err := admin.IdentityAPI.GetIdentity(ctx, made.Id).Execute()
	answered(t, "getIdentity", res, err, http.StatusOK)
	want(t, "the schema", person.SchemaId, "email@1")
	list, res, err := admin.IdentityAPI.ListIdentities(ctx).CredentialsIdentifier(email).Execute()
	answered(t, "listIdentities", res, err, http.StatusOK)
	want(t, "people of that address", len(list), 1)
	code, res, err := admin.IdentityAPI.CreateRecoveryCodeForIdentity(ctx).
		CreateRecoveryCodeForIdentityBody(*kratos.NewCreateRecoveryCodeForIdentityBody(made.Id)).Execute()
	answered(t, "createRecoveryCodeForIdentity", res, err, http.StatusCreated)
	want(t, "digits of the code", len(code.RecoveryCode), 6)
	res, err = admin.IdentityAPI.DeleteIdentity(ctx, made.Id).Execute()
	answered(t, "deleteIdentity", res, err, http.StatusNoContent)

	up, res, err := front.FrontendAPI.CreateNativeRegistrationFlow(ctx).Execute()
	answered(t, "createNativeRegistrationFlow", res, err, http.StatusOK)
	email = mail()
	body := kratos.NewUpdateRegistrationFlowWithPasswordMethod("password", password, map[string]any{"email": email})
	signedUp, res, err := front.FrontendAPI.UpdateRegistrationFlow(ctx).Flow(up.Id).
		UpdateRegistrationFlowBody(kratos.UpdateRegistrationFlowWithPasswordMethodAsUpdateRegistrationFlowBody(body)).Execute()
	answered(t, "updateRegistrationFlow", res, err, http.StatusOK)
	in, res, err := front.FrontendAPI.CreateNativeLoginFlow(ctx).Execute()
	answered(t, "createNativeLoginFlow", res, err, http.StatusOK)
	login := kratos.NewUpdateLoginFlowWithPasswordMethod(email, "password", password)
	signedIn, res, err := front.FrontendAPI.UpdateLoginFlow(ctx).Flow(in.Id).
		UpdateLoginFlowBody(kratos.UpdateLoginFlowWithPasswordMethodAsUpdateLoginFlowBody(login)).Execute()
	answered(t, "updateLoginFlow", res, err, http.StatusOK)
	token := signedIn.GetSessionToken()
	me, res, err := front.FrontendAPI.ToSession(ctx).XSessionToken(token).Execute()
	answered(t, "toSession", res, err, http.StatusOK)
	want(t, "who is signed in", me.Identity.Id, signedUp.Identity.Id)
	sessions, res, err := admin.IdentityAPI.ListIdentitySessions(ctx, me.Identity.Id).Execute()
	answered(t, "listIdentitySessions", res, err, http.StatusOK)
	want(t, "sessions", len(sessions), 2)
	res, err = front.FrontendAPI.PerformNativeLogout(ctx).PerformNativeLogoutBody(*kratos.NewPerformNativeLogoutBody(token)).Execute()
	answered(t, "performNativeLogout", res, err, http.StatusNoContent)
	_, res, err = front.FrontendAPI.ToSession(ctx).XSessionToken(token).Execute()
	answered(t, "toSession after the logout", res, err, http.StatusUnauthorized)
}
