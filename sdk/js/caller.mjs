// Calls methods of an SDK and holds every answer against what it declares.
import { declarations, differences } from "./shape.mjs";

export class Caller {
  constructor(sdk, module) {
    this.sdk = sdk;
    this.module = module;
    this.d = declarations(sdk);
    this.called = new Map();
    this.problems = [];
  }

  api(name, base, options = {}) {
    const configuration = new this.module.Configuration({ basePath: base, ...options });
    return new this.module[name](configuration);
  }

  // call makes one call, and returns the data of the answer.
  async call(api, method, parameters, status = 200) {
    const name = `@ory/${this.sdk} ${api.constructor.name}.${method}`;
    const declared = this.d.answers.get(method);
    if (!declared) throw new Error(`${name}: no such method is declared`);
    // Methods without parameters take the options of the request in their place.
    const options = { validateStatus: () => true, timeout: 30000 };
    const answer = await (parameters === undefined ? api[method](options) : api[method](parameters, options));
    this.called.set(name, (this.called.get(name) ?? 0) + 1);
    if (answer.status !== status) {
      throw new Error(`${name} answered ${answer.status}, want ${status}: ${JSON.stringify(answer.data).slice(0, 600)}`);
    }
    if (status < 300 && declared !== "void") {
      this.problems.push(...differences(this.d, declared, answer.data, declared).map((p) => `${name}: ${p}`));
    }
    return answer.data;
  }

  want(what, got, wanted) {
    if (got !== wanted) this.problems.push(`@ory/${this.sdk}: ${what} is ${JSON.stringify(got)}, want ${JSON.stringify(wanted)}`);
  }
}
