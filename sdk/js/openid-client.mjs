// An application that uses openid-client as its documentation says.
import * as client from "openid-client";

export async function openidClient({ issuer, app, person, redirect, want, introspection }) {
  // The stack under test speaks HTTP.
  const insecure = { execute: [client.allowInsecureRequests] };
  const config = await client.discovery(issuer, app.client_id, undefined, client.ClientSecretBasic(app.client_secret), insecure);
  // The signatures of ID tokens are looked at, which it leaves out by default as they come from the server itself.
  client.enableNonRepudiationChecks(config);
  want("discovery: PKCE", config.serverMetadata().supportsPKCE(), true);

  const pkceCodeVerifier = client.randomPKCECodeVerifier(), expectedState = client.randomState(), expectedNonce = client.randomNonce();
  const to = client.buildAuthorizationUrl(config, {
    redirect_uri: redirect, scope: "openid offline_access email", state: expectedState, nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256",
  });
  const back = await person.allow(to, redirect);
  for (const [what, iss] of [["no issuer", undefined], ["another issuer", "https://elsewhere.example.com"]]) {
    const mixed = new URL(back);
    iss ? mixed.searchParams.set("iss", iss) : mixed.searchParams.delete("iss");
    const refused = await client.authorizationCodeGrant(config, mixed, { pkceCodeVerifier, expectedState, expectedNonce }).then(() => "no error", (e) => e.code);
    want(`a response of ${what}`, refused, "OAUTH_INVALID_RESPONSE"); // before the code is sent
  }
  const tokens = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true, maxAge: 3600 });
  want("the subject of the ID token", tokens.claims().sub, person.subject);
  want("the address in the ID token", tokens.claims().email, person.email);
  want("the address at userinfo", (await client.fetchUserInfo(config, tokens.access_token, person.subject)).email, person.email);

  const fresh = await client.refreshTokenGrant(config, tokens.refresh_token);
  want("the subject of a refreshed ID token", fresh.claims().sub, person.subject);
  want("the refresh token rotates", fresh.refresh_token !== tokens.refresh_token, true);

  // Introspection is served on the admin listener only, and is not in the discovery document.
  const resource = new client.Configuration({ ...config.serverMetadata(), introspection_endpoint: introspection }, app.client_id, undefined, client.ClientSecretBasic(app.client_secret));
  client.allowInsecureRequests(resource);
  const active = async (token) => (await client.tokenIntrospection(resource, token)).active;
  want("introspection", await active(fresh.access_token), true);
  await client.tokenRevocation(config, fresh.access_token);
  want("introspection after a revocation", await active(fresh.access_token), false);
  await client.tokenRevocation(config, fresh.refresh_token);
  const refused = await client.refreshTokenGrant(config, fresh.refresh_token).then(() => "no error", (e) => `${e.constructor.name} ${e.error}`);
  want("a refresh with a revoked token", refused, "ResponseBodyError invalid_grant");

  const machine = await client.clientCredentialsGrant(config, { scope: "read" });
  want("client credentials: the scope", machine.scope, "read");
  want("client credentials: the type", machine.token_type, "bearer");

  const out = client.buildEndSessionUrl(config, { id_token_hint: fresh.id_token, post_logout_redirect_uri: `${redirect}/bye`, state: "left" });
  const at = await person.open(out, redirect);
  const bye = at.href.startsWith(redirect) ? at : await person.submit({ action: "yes" }, redirect);
  want("where the sign-out leads to", bye.href, `${redirect}/bye?state=left`);
}
