// Runs the SDKs that Ory publishes for JavaScript against a running identityd, whose addresses are in the environment.
import * as client from "@ory/client";
import * as hydraClient from "@ory/hydra-client";
import * as kratosClient from "@ory/kratos-client";
import { Caller } from "./caller.mjs";
import { hydra } from "./hydra.mjs";
import { kratos } from "./kratos.mjs";

const at = {};
for (const name of ["HYDRA", "HYDRA_ADMIN", "KRATOS", "KRATOS_ADMIN"]) {
  at[name] = (process.env[`IDENTITYD_SDK_${name}`] ?? "").replace(/\/$/, "");
  if (!at[name]) {
    console.error(`IDENTITYD_SDK_${name} is not set: write the address of a running identityd`);
    process.exit(2);
  }
}

const both = new Caller("client", client);
const runs = [
  [new Caller("hydra-client", hydraClient), hydra],
  [new Caller("kratos-client", kratosClient), kratos],
  [both, hydra],
  [both, kratos],
];
// What newer SDKs declare and the embedded version does not have (docs/ory-quirks.md#q164): the device grant.
const newer = ["OidcConfiguration.device_authorization_endpoint is missing"];
let failed = false;
for (const [caller, run] of runs) {
  try {
    await run(caller, at);
  } catch (e) {
    failed = true;
    console.error(`FAIL ${e.message}`);
  }
}
for (const caller of new Set(runs.map(([one]) => one))) {
  const problems = caller.problems.filter((p) => !newer.some((n) => p.includes(n)));
  for (const p of problems) console.error(`FAIL ${p}`);
  failed ||= problems.length > 0;
  console.log(`@ory/${caller.sdk}: ${caller.called.size} methods were called`);
}
process.exit(failed ? 1 : 0);
