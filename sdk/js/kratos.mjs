// What consoles and apps ask of Kratos.
import { randomBytes } from "node:crypto";

const password = "correct horse battery 7 staple";

export async function kratos(c, { KRATOS, KRATOS_ADMIN }) {
  const admin = c.api("IdentityApi", KRATOS_ADMIN);
  const front = c.api("FrontendApi", KRATOS);
  c.want("the version's type", typeof (await c.call(c.api("MetadataApi", KRATOS_ADMIN), "getVersion")).version, "string");
  await people(c, admin);
  await native(c, admin, front, KRATOS_ADMIN);
}

function address() {
  return `sdk-${randomBytes(5).toString("hex")}@example.com`;
}

async function people(c, admin) {
  const email = address();
  const made = await c.call(admin, "createIdentity", {
    createIdentityBody: { schema_id: "email@1", traits: { email }, credentials: { password: { config: { password } } } },
  }, 201);
  const id = made.id;
  c.want("the address of the person", (await c.call(admin, "getIdentity", { id })).traits.email, email);
  const found = await c.call(admin, "listIdentities", { credentialsIdentifier: email });
  c.want("people of that address", found.length, 1);
  const patched = await c.call(admin, "patchIdentity", { id, jsonPatch: [{ op: "add", path: "/metadata_public", value: { team: "a" } }] });
  c.want("metadata after a patch", patched.metadata_public.team, "a");
  const put = await c.call(admin, "updateIdentity", { id, updateIdentityBody: { schema_id: "email@1", state: "active", traits: { email, name: "Ada" } } });
  c.want("the name after a put", put.traits.name, "Ada");
  c.want("schemas", (await c.call(admin, "listIdentitySchemas", {})).some((s) => s.id === "email@1"), true);
  await c.call(admin, "getIdentitySchema", { id: "email@1" });
  const code = await c.call(admin, "createRecoveryCodeForIdentity", { createRecoveryCodeForIdentityBody: { identity_id: id } }, 201);
  c.want("a code of six digits", /^\d{6}$/.test(code.recovery_code), true);
  await c.call(admin, "deleteIdentity", { id }, 204);
  await c.call(admin, "getIdentity", { id }, 404);
}

// native is an app: its flows have no cookies.
async function native(c, admin, front, adminURL) {
  const email = address();
  const up = await c.call(front, "createNativeRegistrationFlow", {});
  await c.call(front, "getRegistrationFlow", { id: up.id });
  const signedUp = await c.call(front, "updateRegistrationFlow", { flow: up.id, updateRegistrationFlowBody: { method: "password", traits: { email }, password } });
  c.want("the address that signed up", signedUp.identity.traits.email, email);
  const id = signedUp.identity.id;
  const flow = await c.call(front, "createNativeLoginFlow", {});
  await c.call(front, "getLoginFlow", { id: flow.id });
  const wrong = await c.call(front, "updateLoginFlow", { flow: flow.id, updateLoginFlowBody: { method: "password", identifier: email, password: "not the password" } }, 400);
  c.want("the message of a wrong password", wrong.ui.messages[0].id, 4000006);
  const signedIn = await c.call(front, "updateLoginFlow", { flow: flow.id, updateLoginFlowBody: { method: "password", identifier: email, password } });
  const xSessionToken = signedIn.session_token;
  const me = await c.call(front, "toSession", { xSessionToken });
  c.want("who is signed in", me.identity.id, id);
  c.want("other sessions", (await c.call(front, "listMySessions", { xSessionToken })).length, 1);
  const settings = await c.call(front, "createNativeSettingsFlow", { xSessionToken });
  await c.call(front, "updateSettingsFlow", { flow: settings.id, xSessionToken, updateSettingsFlowBody: { method: "profile", traits: { email, name: "Ada" } } });
  await sessions(c, admin, id, me.id);
  const recovery = await c.call(front, "createNativeRecoveryFlow");
  const sent = await c.call(front, "updateRecoveryFlow", { flow: recovery.id, updateRecoveryFlowBody: { method: "code", email } });
  c.want("the state of a recovery", sent.state, "sent_email");
  const verification = await c.call(front, "createNativeVerificationFlow", {});
  await c.call(front, "updateVerificationFlow", { flow: verification.id, updateVerificationFlowBody: { method: "code", email } });
  const mails = await c.call(c.api("CourierApi", adminURL), "listCourierMessages", { recipient: email });
  c.want("mails", mails.length > 0, true);
  await c.call(front, "performNativeLogout", { performNativeLogoutBody: { session_token: xSessionToken } }, 204);
  await c.call(front, "toSession", { xSessionToken }, 401);
  await c.call(admin, "deleteIdentity", { id }, 204);
}

async function sessions(c, admin, identity, session) {
  c.want("sessions of the person", (await c.call(admin, "listIdentitySessions", { id: identity })).length, 2);
  await c.call(admin, "listSessions", { active: true });
  await c.call(admin, "getSession", { id: session, expand: ["identity", "devices"] });
  c.want("who was extended", (await c.call(admin, "extendSession", { id: session })).id, session);
}
