// An application that uses oauth4webapi as its documentation says.
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import { Browser } from "./browser.mjs";

// The stack under test speaks HTTP.
const insecure = { [oauth.allowInsecureRequests]: true };

async function discover(issuer, algorithm) {
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...insecure }));
}

// signIn is the authorization code grant with PKCE.
async function signIn({ as, client, auth, person, redirect, scope }) {
  const verifier = oauth.generateRandomCodeVerifier(), state = oauth.generateRandomState(), expectedNonce = oauth.generateRandomNonce();
  const to = new URL(as.authorization_endpoint);
  to.search = new URLSearchParams({
    client_id: client.client_id, redirect_uri: redirect, response_type: "code", scope, state, nonce: expectedNonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
  });
  const back = oauth.validateAuthResponse(as, client, await person.allow(to, redirect), state);
  const answer = await oauth.authorizationCodeGrantRequest(as, client, auth, back, redirect, verifier, insecure);
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, { expectedNonce, requireIdToken: true });
  await oauth.validateApplicationLevelSignature(as, answer, insecure);
  return tokens;
}

// outcome is the error that the library makes of an answer.
const outcome = (promise) => promise.then(() => "no error", (e) => `${e.constructor.name} ${e.error}`);

export async function oauth4webapi(all) {
  const { issuer, app, person, redirect, want, introspection } = all;
  const as = await discover(issuer, "oidc"), plain = await discover(issuer, "oauth2");
  for (const name of ["authorization_endpoint", "token_endpoint", "revocation_endpoint", "jwks_uri", "registration_endpoint"]) {
    want(`RFC 8414: ${name}`, plain[name], as[name]);
  }
  const client = { client_id: app.client_id }, auth = oauth.ClientSecretBasic(app.client_secret);
  const tokens = await signIn({ as, client, auth, person, redirect, scope: "openid offline_access email" });
  want("the subject of the ID token", oauth.getValidatedIdTokenClaims(tokens).sub, person.subject);
  const user = await oauth.processUserInfoResponse(as, client, person.subject, await oauth.userInfoRequest(as, client, tokens.access_token, insecure));
  want("the address at userinfo", user.email, person.email);

  const refresh = (token) => oauth.refreshTokenGrantRequest(as, client, auth, token, insecure).then((answer) => oauth.processRefreshTokenResponse(as, client, answer));
  const fresh = await refresh(tokens.refresh_token);
  want("the subject of a refreshed ID token", oauth.getValidatedIdTokenClaims(fresh).sub, person.subject);

  const resource = { ...as, introspection_endpoint: introspection };
  const active = async (token) => {
    const answer = await oauth.introspectionRequest(resource, client, auth, token, insecure);
    return (await oauth.processIntrospectionResponse(resource, client, answer)).active;
  };
  want("introspection", await active(fresh.access_token), true);
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, fresh.refresh_token, insecure));
  want("the access token after its refresh token was revoked", await active(fresh.access_token), false);
  want("a refresh with a revoked token", await outcome(refresh(fresh.refresh_token)), "ResponseBodyError invalid_grant");
  // Without a token the library wants the challenge of RFC 6750.
  const none = await oauth.userInfoRequest(as, client, "none", insecure).then((answer) => oauth.processUserInfoResponse(as, client, person.subject, answer)).then(() => "no error", (e) => `${e.constructor.name} ${e.status}`);
  want("userinfo with no token of ours", none, "WWWAuthenticateChallengeError 401");

  const nobody = new URL(as.authorization_endpoint);
  nobody.search = new URLSearchParams({
    client_id: client.client_id, redirect_uri: redirect, response_type: "code", scope: "openid", prompt: "none", state: "nobody-is-signed-in",
    code_challenge: await oauth.calculatePKCECodeChallenge(oauth.generateRandomCodeVerifier()), code_challenge_method: "S256",
  });
  const back = await new Browser().open(nobody, redirect);
  const silent = outcome(Promise.resolve().then(() => oauth.validateAuthResponse(as, client, back, "nobody-is-signed-in")));
  want("prompt=none when nobody is signed in", await silent, "AuthorizationResponseError login_required");
  const wrong = oauth.clientCredentialsGrantRequest(as, client, oauth.ClientSecretBasic("wrong"), { scope: "read" }, insecure);
  want("a wrong secret", await outcome(wrong.then((answer) => oauth.processClientCredentialsResponse(as, client, answer))), "WWWAuthenticateChallengeError undefined");
  const challenge = await wrong.then((answer) => oauth.processClientCredentialsResponse(as, client, answer)).catch((e) => e.cause[0].scheme);
  want("the challenge to a wrong secret", challenge, "basic");

  const machine = await oauth.processClientCredentialsResponse(as, client, await oauth.clientCredentialsGrantRequest(as, client, auth, { scope: "read" }, insecure));
  want("client credentials: the scope", machine.scope, "read");

  // RFC 9207: the library wants iss where the metadata says that it is always there, in an error too, and that it is right.
  for (const [of, server] of [["discovery", as], ["RFC 8414", plain]]) {
    want(`${of}: responses name their issuer`, server.authorization_response_iss_parameter_supported, true);
    for (const [what, iss] of [["no issuer", undefined], ["another issuer", "https://elsewhere.example.com"]]) {
      const mixed = new URL(back);
      iss ? mixed.searchParams.set("iss", iss) : mixed.searchParams.delete("iss");
      want(`${of}: a response of ${what}`, await outcome(Promise.resolve().then(() => oauth.validateAuthResponse(server, client, mixed, "nobody-is-signed-in"))), "OperationProcessingError undefined");
    }
  }

  await registration(all, plain);
  await service(all, as);
}

// service is an API that is asked with access tokens that are JWTs (RFC 9068): those of a person and of a machine, for
// it and for nobody in particular. jose and oauth4webapi judge each.
async function service({ make, person, redirect, want }, as) {
  const audience = "https://orders.example.com", keys = createRemoteJWKSet(new URL(as.jwks_uri));
  const app = await make({ access_token_strategy: "jwt", audience: [audience] });
  const client = { client_id: app.client_id }, auth = oauth.ClientSecretBasic(app.client_secret);
  const machine = async (more) => oauth.processClientCredentialsResponse(as, client, await oauth.clientCredentialsGrantRequest(as, client, auth, { scope: "read", ...more }, insecure));
  const tokens = await signIn({ as, client, auth, person, redirect, scope: "openid offline_access" });
  for (const [of, { access_token }, subject, whom] of [
    ["a person", tokens, person.subject, as.issuer], ["a machine", await machine({}), client.client_id, as.issuer], ["a machine with an audience", await machine({ audience }), client.client_id, audience],
  ]) {
    const request = new Request("https://orders.example.com/", { headers: { authorization: `Bearer ${access_token}` } });
    const claims = await oauth.validateJwtAccessToken(as, request, whom, insecure);
    want(`the subject of the access token of ${of}`, claims.sub, subject);
    want(`the client of the access token of ${of}`, claims.client_id, client.client_id);
    want(`the scopes of the access token of ${of}`, claims.scope, claims.scp.join(" "));
    const { payload } = await jwtVerify(access_token, keys, { issuer: as.issuer, audience: whom, typ: "at+jwt" });
    want(`the access token of ${of} by jose`, payload.jti, claims.jti);
    const wrong = await outcome(oauth.validateJwtAccessToken(as, request, "https://elsewhere.example.com", insecure));
    want(`the access token of ${of} for another service`, wrong, "OperationProcessingError undefined");
  }
  // It is an access token to us as well, and an ID token is none to the service.
  const user = await oauth.processUserInfoResponse(as, client, person.subject, await oauth.userInfoRequest(as, client, tokens.access_token, insecure));
  want("userinfo by an access token that is a JWT", user.sub, person.subject);
  const confused = new Request("https://orders.example.com/", { headers: { authorization: `Bearer ${tokens.id_token}` } });
  want("an ID token for an access token", await outcome(oauth.validateJwtAccessToken(as, confused, client.client_id, insecure)), "OperationProcessingError undefined");
}

// registration is an application that nobody made before: it registers itself, and signs the person in.
async function registration({ person, redirect, want }, as) {
  for (const method of ["none", "client_secret_basic"]) {
    const metadata = {
      client_name: `registered ${method}`, redirect_uris: [redirect], grant_types: ["authorization_code", "refresh_token"], response_types: ["code"],
      token_endpoint_auth_method: method, scope: "openid offline_access email",
    };
    const client = await oauth.processDynamicClientRegistrationResponse(await oauth.dynamicClientRegistrationRequest(as, metadata, insecure));
    want(`registration: ${method}`, client.token_endpoint_auth_method, method);
    want(`registration: whether ${method} has a secret`, typeof client.client_secret, method === "none" ? "undefined" : "string");
    const auth = method === "none" ? oauth.None() : oauth.ClientSecretBasic(client.client_secret);
    const tokens = await signIn({ as, client, auth, person, redirect, scope: "openid offline_access" });
    want(`registration: the subject with ${method}`, oauth.getValidatedIdTokenClaims(tokens).sub, person.subject);
  }
}
