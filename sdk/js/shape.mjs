// Holds an answer against what the SDK declares of it: its own api.d.ts says for each method which interface the
// answer has, and for each interface which properties there are, which of them always, and of what kind.
import { readFileSync } from "node:fs";

export function declarations(name) {
  const text = readFileSync(new URL(`node_modules/@ory/${name}/dist/api.d.ts`, import.meta.url), "utf8");
  const interfaces = new Map();
  for (const [, type, body] of text.matchAll(/^export interface (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const fields = [];
    for (const [, field, optional, kind] of body.matchAll(/^ {4}'([^']+)'(\??): ([^;]+)/gm)) {
      fields.push({ field, optional: optional === "?", kind });
    }
    interfaces.set(type, fields);
  }
  const enums = new Map();
  for (const [, type, body] of text.matchAll(/^export declare const (\w+): \{\n([\s\S]*?)^\}/gm)) {
    enums.set(type, new Set([...body.matchAll(/: "((?:[^"\\]|\\.)*)"/g)].map((m) => m[1])));
  }
  const answers = new Map();
  for (const [, method, type] of text.matchAll(/^ {4}(\w+)\([^\n]*\): Promise<import\("axios"\)\.AxiosResponse<(.*), any, \{\}>>;/gm)) {
    answers.set(method, type);
  }
  if (interfaces.size < 20 || answers.size < 20) {
    throw new Error(`@ory/${name} declares ${interfaces.size} interfaces and ${answers.size} methods as far as this can be read`);
  }
  return { interfaces, enums, answers };
}

// differences lists how a value is not of a kind.
export function differences(d, kind, value, at) {
  kind = kind.trim();
  const list = /^(?:Array<(.*)>|(.*)\[\])$/.exec(kind);
  if (list) {
    if (!Array.isArray(value)) return [`${at} is ${show(value)}, want a list`];
    return value.flatMap((one, i) => differences(d, list[1] ?? list[2], one, `${at}[${i}]`));
  }
  if (kind.endsWith("| null")) return value === null ? [] : differences(d, kind.slice(0, -6), value, at);
  if (["string", "number", "boolean"].includes(kind)) return typeof value === kind ? [] : [`${at} is ${show(value)}, want a ${kind}`];
  if (d.enums.has(kind)) return d.enums.get(kind).has(value) ? [] : [`${at} is ${show(value)}, want one of ${[...d.enums.get(kind)].join(", ")}`];
  const fields = d.interfaces.get(kind);
  if (!fields) return []; // unions and maps of anything
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at} is ${show(value)}, want ${kind}`];
  return fields.flatMap(({ field, optional, kind: inner }) => {
    if (value[field] === undefined) return optional ? [] : [`${at}.${field} is missing, want ${inner}`];
    // The servers write null for what is empty, and the SDKs do not look at what is optional.
    if (value[field] === null && optional) return [];
    return differences(d, inner, value[field], `${at}.${field}`);
  });
}

function show(value) {
  return value === undefined ? "missing" : value === null ? "null" : `a ${Array.isArray(value) ? "list" : typeof value}`;
}
