/**
 * Instructions of a Dockerfile that change what an image says of its containers: `import --change`
 * (docs.docker.com/reference/dockerfile). Pure: an image's defaults in, and out.
 */

import { posix } from "node:path";
import { BrigError } from "../../base/errors.ts";
import { parseSignal } from "../../base/signals.ts";
import type { ContainerDefaults, Healthcheck } from "./config.ts";
import { expandWord, splitWords, type Variables } from "./instruction-words.ts";

/** Each change is one instruction; later ones see what those before them set. */
export function applyChanges(defaults: ContainerDefaults, changes: readonly string[]): ContainerDefaults {
  return changes.reduce(applyChange, defaults);
}

function applyChange(defaults: ContainerDefaults, change: string): ContainerDefaults {
  const [, word = "", rest = ""] = /^\s*(\S*)\s*([\s\S]*?)\s*$/.exec(change) ?? [];
  const name = word.toUpperCase();
  const apply = Object.hasOwn(instructions, name) ? instructions[name] : undefined;
  if (!apply) throw new BrigError("invalid", `${word.toLowerCase()} is not a valid change command`);
  const variables: Variables = new Map(
    (defaults.Env ?? []).map((entry) => {
      const equals = entry.indexOf("=");
      return [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
  return { ...defaults, ...apply({ name, rest, variables, defaults }) };
}

interface Instruction {
  readonly name: string;
  readonly rest: string;
  readonly variables: Variables;
  readonly defaults: ContainerDefaults;
}

type Apply = (instruction: Instruction) => Partial<ContainerDefaults>;

const instructions: Readonly<Record<string, Apply>> = {
  CMD: (i) => ({ Cmd: commandOf(i.rest) }),
  ENTRYPOINT: (i) => ({ Entrypoint: commandOf(i.rest) }),
  ENV: (i) => {
    const all = new Map([...i.variables, ...pairsOf(i)]);
    return { Env: [...all].map(([name, value]) => `${name}=${value}`) };
  },
  EXPOSE: (i) => {
    const ports = someWords(i).flatMap((word) => portsOf(expandWord(word, i.variables)));
    return { ExposedPorts: { ...i.defaults.ExposedPorts, ...setOf(ports) } };
  },
  HEALTHCHECK: (i) => ({ Healthcheck: healthcheckOf(i) }),
  LABEL: (i) => ({ Labels: { ...i.defaults.Labels, ...Object.fromEntries(pairsOf(i)) } }),
  ONBUILD: (i) => ({ OnBuild: [...(i.defaults.OnBuild ?? []), triggerOf(i)] }),
  SHELL: (i) => {
    const words = listOf(i.rest);
    if (!words || words.length === 0)
      throw new BrigError("invalid", "SHELL requires the arguments to be in JSON form");
    return { Shell: words };
  },
  STOPSIGNAL: (i) => {
    const signal = oneWord(i);
    parseSignal(signal);
    return { StopSignal: signal };
  },
  USER: (i) => ({ User: oneWord(i) }),
  VOLUME: (i) => {
    const targets = (listOf(i.rest) ?? someWords(i)).map((word) => expandWord(word, i.variables).trim());
    if (targets.length === 0) throw needs(i, "at least one argument");
    if (targets.includes("")) throw new BrigError("invalid", "VOLUME specified can not be an empty string");
    return { Volumes: { ...i.defaults.Volumes, ...setOf(targets) } };
  },
  WORKDIR: (i) => ({ WorkingDir: posix.resolve("/", i.defaults.WorkingDir ?? "", oneWord(i)) }),
};

/** A JSON list of words is one; everything else is for a shell. An empty list unsets what was there. */
function commandOf(rest: string): readonly string[] {
  return listOf(rest) ?? ["/bin/sh", "-c", ...(rest === "" ? [] : [rest])];
}

function listOf(rest: string): readonly string[] | undefined {
  if (!rest.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(rest);
    return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : undefined;
  } catch {
    return undefined; // Docker, too, then takes it for a command line.
  }
}

/** `NAME=VALUE …`, or, as it was written once, `NAME VALUE`. */
function pairsOf(i: Instruction): readonly (readonly [name: string, value: string])[] {
  const words = someWords(i);
  const first = words[0]!;
  if (!first.includes("=")) {
    const value = i.rest.slice(first.length).trim();
    if (value === "") throw new BrigError("invalid", `${i.name} must have two arguments`);
    return [[expandWord(first, i.variables), expandWord(value, i.variables)]];
  }
  return words.map((word) => {
    const equals = word.indexOf("=");
    if (equals < 0)
      throw new BrigError(
        "invalid",
        `syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`,
      );
    const name = expandWord(word.slice(0, equals), i.variables);
    if (name === "") throw new BrigError("invalid", `${i.name} names can not be blank`);
    return [name, expandWord(word.slice(equals + 1), i.variables)];
  });
}

function someWords(i: Instruction): readonly string[] {
  const words = splitWords(i.rest);
  if (words.length === 0) throw needs(i, "at least one argument");
  return words;
}

function oneWord(i: Instruction): string {
  if (i.rest === "") throw needs(i, "exactly one argument");
  return expandWord(i.rest, i.variables);
}

function needs({ name }: Instruction, what: string): BrigError {
  return new BrigError("invalid", `${name} requires ${what}`);
}

/** "80" → "80/tcp"; "80-82/udp" is three of them. */
function portsOf(text: string): readonly string[] {
  const found = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(text);
  const first = Number(found?.[1]);
  const last = Number(found?.[2] ?? found?.[1]);
  if (!found || last > 65535 || first > last)
    throw new BrigError("invalid", `Invalid containerPort: ${text}`);
  const protocol = (found[3] ?? "tcp").toLowerCase();
  return Array.from({ length: last - first + 1 }, (_, i) => `${first + i}/${protocol}`);
}

/** A set is written as an object whose values are empty objects. */
function setOf(members: readonly string[]): Readonly<Record<string, Readonly<Record<string, never>>>> {
  return Object.fromEntries(members.map((member) => [member, {}]));
}

function triggerOf(i: Instruction): string {
  if (i.rest === "") throw needs(i, "at least one argument");
  const [word = ""] = splitWords(i.rest);
  if (/^(?:ONBUILD|FROM|MAINTAINER)$/i.test(word))
    throw new BrigError("invalid", `${word.toUpperCase()} isn't allowed as an ONBUILD trigger`);
  return i.rest;
}

const healthOptions: Readonly<Record<string, keyof Healthcheck>> = {
  interval: "Interval",
  timeout: "Timeout",
  "start-period": "StartPeriod",
  "start-interval": "StartInterval",
  retries: "Retries",
};

function healthcheckOf({ rest }: Instruction): Healthcheck {
  let left = rest;
  const options: Record<string, number> = {};
  for (let found = option(left); found; found = option(left)) {
    const [whole, name, value] = found as unknown as [string, string, string];
    const key = Object.hasOwn(healthOptions, name) ? healthOptions[name]! : undefined;
    if (!key) throw new BrigError("invalid", `unknown flag: ${name}`);
    options[key] = key === "Retries" ? countOf(value) : nanosecondsOf(value);
    left = left.slice(whole.length);
  }
  const [, type = "", command = ""] = /^(\S*)\s*([\s\S]*)$/.exec(left) ?? [];
  if (type.toUpperCase() === "NONE" && command === "") return { Test: ["NONE"] };
  if (type.toUpperCase() !== "CMD")
    throw new BrigError("invalid", `unknown type "${type}" in HEALTHCHECK (try CMD)`);
  if (command === "") throw new BrigError("invalid", "missing command after HEALTHCHECK CMD");
  const list = listOf(command);
  return { Test: list ? ["CMD", ...list] : ["CMD-SHELL", command], ...options };
}

function option(text: string): RegExpExecArray | null {
  return /^--([a-z-]+)=(\S*)\s*/.exec(text);
}

function countOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new BrigError("invalid", `--retries must be a number, not ${text}`);
  return Number(text);
}

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** As Go writes a duration: "1m30s". */
function nanosecondsOf(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text)
    throw new BrigError("invalid", `invalid duration "${text}"`);
  return parts.reduce((sum, [, value, unit]) => sum + Math.round(Number(value) * units[unit!]!), 0);
}
