// Runs client libraries of others, unmodified, against a running identityd, whose addresses are in the environment.
import { readFileSync } from "node:fs";
import { Browser } from "./browser.mjs";
import { oauth4webapi } from "./oauth4webapi.mjs";
import { openidClient } from "./openid-client.mjs";

const at = {};
for (const name of ["HYDRA", "HYDRA_ADMIN", "KRATOS"]) {
  at[name] = (process.env[`IDENTITYD_SDK_${name}`] ?? "").replace(/\/$/, "");
  if (!at[name]) {
    console.error(`IDENTITYD_SDK_${name} is not set: write the address of a running identityd`);
    process.exit(2);
  }
}

// Nobody serves this address: the browser stops at it.
const redirect = "http://127.0.0.1:1/callback";

async function client(metadata) {
  const body = JSON.stringify({ scope: "openid offline_access email read", token_endpoint_auth_method: "client_secret_basic", ...metadata });
  const answer = await fetch(`${at.HYDRA_ADMIN}/admin/clients`, { method: "POST", body, headers: { "content-type": "application/json" } });
  if (answer.status !== 201) throw new Error(`making a client was answered with ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

const person = new Browser();
await person.signUp(at.KRATOS);
let failed = false;
// The last one signs the person out.
for (const [name, run] of [["oauth4webapi", oauth4webapi], ["openid-client", openidClient]]) {
  const make = (more) => client({
    client_name: name, grant_types: ["authorization_code", "refresh_token", "client_credentials"], response_types: ["code"],
    redirect_uris: [redirect], post_logout_redirect_uris: [`${redirect}/bye`], ...more,
  });
  const app = await make({});
  const done = [];
  // want notes what was done, and fails with what differs.
  const want = (what, got, wanted) => {
    if (got !== wanted) throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(wanted)}`);
    done.push(what);
  };
  try {
    await run({ issuer: new URL(at.HYDRA), app, make, person, redirect, want, introspection: `${at.HYDRA_ADMIN}/admin/oauth2/introspect` });
    const { version } = JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url)));
    console.log(`${name} ${version}: ${done.length} answers were right`);
  } catch (e) {
    failed = true;
    console.error(`FAIL ${name} after ${done.at(-1) ?? "nothing"}: ${e.stack}`, e.cause ?? "");
  }
}
process.exit(failed ? 1 : 0);
