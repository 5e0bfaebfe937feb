// A person's browser without scripts: cookies, redirects and the forms of the pages.
import { randomBytes } from "node:crypto";

const entities = { amp: "&", lt: "<", gt: ">", quot: '"' };
const plain = (s) => s.replace(/&(?:#(\d+)|(\w+));/g, (all, n, name) => (n ? String.fromCodePoint(n) : (entities[name] ?? all)));

function attribute(tag, name) {
  const found = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
  return found ? plain(found[1]) : undefined;
}

// formWith returns the address and what is filled in of the form that has all the names.
function formWith(page, names) {
  for (const [, head, inner] of page.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)) {
    const tags = [...inner.matchAll(/<(?:input|button)\b[^>]*>/g)].map(([tag]) => tag);
    if (!names.every((name) => tags.some((tag) => attribute(tag, "name") === name))) continue;
    const filled = tags.filter((tag) => attribute(tag, "type") === "hidden" || / checked\b/.test(tag));
    return { action: attribute(head, "action"), fields: filled.map((tag) => [attribute(tag, "name"), attribute(tag, "value") ?? ""]) };
  }
  throw new Error(`no form of the page has ${names.join(", ")}: ${page.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").slice(0, 600)}`);
}

export class Browser {
  constructor() {
    this.jar = new Map();
  }

  // open goes to an address, and on until there is a page or an address that starts with stop.
  async open(address, stop, form) {
    let at = new URL(address);
    for (let hops = 0; hops < 20; hops++) {
      if (stop && at.href.startsWith(stop)) return at;
      const headers = { accept: "text/html", cookie: [...this.jar].map(([k, v]) => `${k}=${v}`).join("; ") };
      const answer = await fetch(at, { method: form ? "POST" : "GET", body: form, redirect: "manual", headers });
      for (const line of answer.headers.getSetCookie()) {
        const [pair] = line.split(";");
        this.jar.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
      }
      form = undefined;
      this.status = answer.status;
      this.page = await answer.text();
      const to = answer.headers.get("location");
      this.at = at;
      if (!to) return at;
      at = new URL(to, at);
    }
    throw new Error(`${new URL(address).pathname} leads nowhere but on and on`);
  }

  // submit sends the form that has the fields, with them filled in.
  async submit(fields, stop) {
    const form = formWith(this.page, Object.keys(fields));
    const body = new URLSearchParams(form.fields.filter(([name]) => !(name in fields)));
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    return this.open(new URL(form.action, this.at), stop, body);
  }

  // signUp makes an account through the page, and is signed in.
  async signUp(base) {
    this.email = `sdk-${randomBytes(6).toString("hex")}@example.com`;
    await this.open(`${base}/self-service/registration/browser`);
    await this.submit({ "traits.email": this.email, password: "correct horse battery 7 staple", method: "password" });
    const who = await fetch(`${base}/sessions/whoami`, { headers: { cookie: [...this.jar].map(([k, v]) => `${k}=${v}`).join("; ") } });
    if (!who.ok) throw new Error(`whoami answered ${who.status} after a sign-up`);
    this.subject = (await who.json()).identity.id;
  }

  // allow goes to an application's authorization address, agrees to what it wants, and returns where it is sent to.
  async allow(address, redirect) {
    const at = await this.open(address, redirect);
    return at.href.startsWith(redirect) ? at : this.submit({ action: "allow" }, redirect);
  }
}
