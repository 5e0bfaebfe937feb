// What applications and consoles ask of Hydra.
import { createHash, randomBytes } from "node:crypto";

export async function hydra(c, { HYDRA, HYDRA_ADMIN, KRATOS_ADMIN }) {
  const admin = c.api("OAuth2Api", HYDRA_ADMIN);
  await metadata(c, HYDRA_ADMIN, HYDRA);
  const client = await clients(c, admin);
  await tokens(c, admin, HYDRA, client);
  await keys(c, HYDRA_ADMIN, HYDRA);
  const subject = await person(KRATOS_ADMIN);
  await grant(c, admin, HYDRA, client, subject);
  await fetch(`${KRATOS_ADMIN}/admin/identities/${subject}`, { method: "DELETE" });
  await c.call(admin, "deleteOAuth2Client", { id: client.client_id }, 204);
  await c.call(admin, "getOAuth2Client", { id: client.client_id }, 404);
}

async function metadata(c, adminURL, publicURL) {
  const m = c.api("MetadataApi", adminURL);
  c.want("the version's type", typeof (await c.call(m, "getVersion")).version, "string");
  if (c.d.answers.has("isReady")) {
    await c.call(c.api("MetadataApi", publicURL), "isReady");
    await c.call(m, "isAlive");
  }
}

async function clients(c, admin) {
  const client = await c.call(admin, "createOAuth2Client", {
    oAuth2Client: {
      client_name: "sdk", grant_types: ["authorization_code", "refresh_token", "client_credentials"], response_types: ["code"],
      scope: "openid offline_access read", redirect_uris: ["http://127.0.0.1:1/callback"], token_endpoint_auth_method: "client_secret_basic",
    },
  }, 201);
  const id = client.client_id;
  c.want("the name of the client", (await c.call(admin, "getOAuth2Client", { id })).client_name, "sdk");
  const all = await c.call(admin, "listOAuth2Clients", { pageSize: 100 });
  c.want("how often the client is in the list", all.filter((one) => one.client_id === id).length, 1);
  const patched = await c.call(admin, "patchOAuth2Client", { id, jsonPatch: [{ op: "replace", path: "/client_name", value: "sdk, patched" }] });
  c.want("the name after a patch", patched.client_name, "sdk, patched");
  const set = await c.call(admin, "setOAuth2Client", { id, oAuth2Client: { ...patched, client_name: "sdk, set", client_secret: client.client_secret } });
  c.want("the name after a put", set.client_name, "sdk, set");
  await c.call(admin, "setOAuth2ClientLifespans", { id, oAuth2ClientTokenLifespans: { client_credentials_grant_access_token_lifespan: "10m" } });
  return { ...set, client_secret: client.client_secret };
}

function basic(client) {
  return "Basic " + Buffer.from(`${client.client_id}:${client.client_secret}`).toString("base64");
}

// The SDKs know no authorization of an application here: it asks as OAuth2 has it.
async function token(base, client, form) {
  const answer = await fetch(`${base}/oauth2/token`, { method: "POST", headers: { authorization: basic(client) }, body: new URLSearchParams(form) });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`the token endpoint answered ${answer.status}: ${JSON.stringify(body)}`);
  return body;
}

async function tokens(c, admin, base, client) {
  const t = await token(base, client, { grant_type: "client_credentials", scope: "read" });
  const found = await c.call(admin, "introspectOAuth2Token", { token: t.access_token, scope: "read" });
  c.want("active", found.active, true);
  c.want("client_id of the token", found.client_id, client.client_id);
  c.want("ten minutes of life", Math.abs(found.exp - found.iat - 600) <= 1, true);
  const user = c.api("OAuth2Api", base, { username: client.client_id, password: client.client_secret });
  await c.call(user, "revokeOAuth2Token", { token: t.access_token });
  c.want("active after its revocation", (await c.call(admin, "introspectOAuth2Token", { token: t.access_token })).active, false);
  await c.call(admin, "deleteOAuth2Token", { clientId: client.client_id }, 204);
}

async function keys(c, adminURL, publicURL) {
  const jwk = c.api("JwkApi", adminURL);
  const set = `sdk-${randomBytes(4).toString("hex")}`;
  await c.call(jwk, "createJsonWebKeySet", { set, createJsonWebKeySet: { alg: "ES256", kid: "one", use: "sig" } }, 201);
  c.want("kinds of keys", (await c.call(jwk, "getJsonWebKeySet", { set })).keys[0].kty, "EC");
  await c.call(jwk, "getJsonWebKey", { set, kid: "one" });
  await c.call(jwk, "deleteJsonWebKey", { set, kid: "one" }, 204);
  await c.call(jwk, "deleteJsonWebKeySet", { set }, 204);
  c.want("public keys", (await c.call(c.api("WellknownApi", publicURL), "discoverJsonWebKeys")).keys.length > 0, true);
  const found = await c.call(c.api("OidcApi", publicURL), "discoverOidcConfiguration");
  c.want("the issuer", found.issuer.replace(/\/$/, ""), publicURL);
}

// hop follows one redirect with the cookies of a browser.
async function hop(jar, address) {
  const answer = await fetch(address, { redirect: "manual", headers: { cookie: [...jar].map(([k, v]) => `${k}=${v}`).join("; ") } });
  for (const line of answer.headers.getSetCookie()) {
    const [pair] = line.split(";");
    jar.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
  }
  const to = answer.headers.get("location");
  if (!to) throw new Error(`${new URL(address).pathname} answered ${answer.status} and led nowhere: ${(await answer.text()).slice(0, 300)}`);
  return new URL(to, address);
}

// person makes somebody who can be signed in: only people of Kratos are (docs/ory-quirks.md#q173).
async function person(base) {
  const body = JSON.stringify({ schema_id: "email@1", traits: { email: `sdk-${randomBytes(6).toString("hex")}@example.com` } });
  const answer = await fetch(`${base}/admin/identities`, { method: "POST", body, headers: { "content-type": "application/json" } });
  if (answer.status !== 201) throw new Error(`making a person was answered with ${answer.status}: ${await answer.text()}`);
  return (await answer.json()).id;
}

// grant is a sign-in page of somebody's own: login, consent, code, tokens, logout.
async function grant(c, admin, base, client, subject) {
  const jar = new Map();
  const verifier = randomBytes(32).toString("base64url");
  const authorize = new URL(`${base}/oauth2/auth`);
  authorize.search = new URLSearchParams({
    client_id: client.client_id, response_type: "code", scope: "openid offline_access read", state: randomBytes(16).toString("hex"),
    redirect_uri: client.redirect_uris[0], code_challenge_method: "S256", code_challenge: createHash("sha256").update(verifier).digest("base64url"),
  });
  const loginChallenge = (await hop(jar, authorize)).searchParams.get("login_challenge");
  const login = await c.call(admin, "getOAuth2LoginRequest", { loginChallenge });
  c.want("the client of the login", login.client.client_id, client.client_id);
  const accepted = await c.call(admin, "acceptOAuth2LoginRequest", { loginChallenge, acceptOAuth2LoginRequest: { subject, remember: true, remember_for: 60 } });
  const consentChallenge = (await hop(jar, accepted.redirect_to)).searchParams.get("consent_challenge");
  const consent = await c.call(admin, "getOAuth2ConsentRequest", { consentChallenge });
  c.want("the subject of the consent", consent.subject, subject);
  const granted = await c.call(admin, "acceptOAuth2ConsentRequest", {
    consentChallenge, acceptOAuth2ConsentRequest: { grant_scope: consent.requested_scope, session: { id_token: { email: "ada@example.com" } }, remember: true, remember_for: 60 },
  });
  const code = (await hop(jar, granted.redirect_to)).searchParams.get("code");
  const t = await token(base, client, { grant_type: "authorization_code", code, redirect_uri: client.redirect_uris[0], code_verifier: verifier });
  const oidc = c.api("OidcApi", base, { accessToken: t.access_token });
  c.want("the subject of userinfo", (await c.call(oidc, "getOidcUserInfo")).sub, subject);
  c.want("consents", (await c.call(admin, "listOAuth2ConsentSessions", { subject })).length, 1);
  const out = await hop(jar, `${base}/oauth2/sessions/logout?id_token_hint=${t.id_token}`);
  const logoutChallenge = out.searchParams.get("logout_challenge");
  c.want("the subject of the logout", (await c.call(admin, "getOAuth2LogoutRequest", { logoutChallenge })).subject, subject);
  await c.call(admin, "acceptOAuth2LogoutRequest", { logoutChallenge });
  await c.call(admin, "revokeOAuth2ConsentSessions", { subject, all: true }, 204);
  await c.call(admin, "revokeOAuth2LoginSessions", { subject }, 204);
}
