/** `ps --filter`: values of one key are alternatives, keys must all hold. */

import { BrigError } from "../../base/errors.ts";
import { labelHolds } from "../../base/labels.ts";
import type { ContainerInfo } from "../../engine/container/info.ts";
import { parseExpose } from "../../network/ports/parse.ts";
import { familiar } from "../../spec/reference.ts";
import { dockerState } from "../container-status.ts";
import { booleanFilter } from "./boolean.ts";
import type { Filters } from "./filters.ts";

type Test = (container: ContainerInfo) => boolean;

/** Throws for keys and states that do not exist. `find` gives the container that a filter names. */
export async function containerFilter(filters: Filters, find: Find): Promise<Test> {
  const tests = await Promise.all(Object.entries(filters).map(([key, values]) => testOf(key, values, find)));
  return (item) => tests.every((test) => test(item));
}

type Find = (reference: string) => Promise<ContainerInfo>;
type Maker = (value: string, find: Find) => Test | Promise<Test>;

async function testOf(key: string, values: readonly string[], find: Find): Promise<Test> {
  const make = Object.hasOwn(makers, key) ? makers[key] : undefined;
  if (!make) throw new BrigError("invalid", `invalid filter '${key}'`);
  const alternatives = await Promise.all(values.map((value) => make(value, find)));
  // A container has to have all the labels that are asked for.
  return key === "label"
    ? (item) => alternatives.every((test) => test(item))
    : (item) => alternatives.some((test) => test(item));
}

const states = ["created", "running", "paused", "exited", "removing", "restarting", "dead"];

const makers: Readonly<Record<string, Maker>> = {
  id: (value) => (item) => item.id.startsWith(value),
  name: (value) => {
    const pattern = patternOf(value);
    return ({ name }) => pattern.test(name) || pattern.test(`/${name}`);
  },
  label: (value) => (item) => labelHolds(item.spec.labels ?? {}, value),
  status: (value) => {
    if (!states.includes(value))
      throw new BrigError("invalid", `invalid filter 'status=${value}': use one of ${states.join(", ")}`);
    return (item) => dockerState(item) === value;
  },
  exited: (value) => {
    if (!/^\d+$/.test(value))
      throw new BrigError("invalid", `invalid filter 'exited=${value}': no exit code`);
    return (item) => item.state === "exited" && item.exitCode === Number(value);
  },
  ancestor: (value) => (item) => isImage(item, value),
  before: async (value, find) => {
    const other = await find(value);
    return (item) => item.created < other.created && item.id !== other.id;
  },
  since: async (value, find) => {
    const other = await find(value);
    return (item) => item.created > other.created && item.id !== other.id;
  },
  expose: (value) => {
    const wanted = portsOf("expose", value);
    return ({ spec, state }) =>
      state === "running" &&
      (spec.network?.expose ?? [])
        .flatMap((port) => portsOf("expose", port))
        .some((port) => wanted.includes(port));
  },
  publish: (value) => {
    const wanted = portsOf("publish", value);
    return ({ endpoint }) =>
      (endpoint?.ports ?? []).some(({ containerPort, protocol }) =>
        wanted.includes(`${containerPort}/${protocol}`),
      );
  },
  health: (value) => {
    if (!["none", "starting", "healthy", "unhealthy"].includes(value))
      throw new BrigError(
        "invalid",
        `invalid filter 'health=${value}': use none, starting, healthy or unhealthy`,
      );
    // Nobody checks the health of containers yet.
    return () => value === "none";
  },
  isolation: (value) => () => ["", "default"].includes(value),
  "is-task": (value) => {
    const wanted = booleanFilter("is-task", value);
    return () => !wanted;
  },
  network: (value) => (item) => (item.spec.network?.mode ?? "bridge") === value,
  volume: (value) => (item) =>
    (item.spec.mounts ?? []).some(
      (mount) =>
        mount.target === value ||
        (mount.kind === "volume" && mount.name === value) ||
        (mount.kind === "bind" && mount.source === value),
    ),
};

/** "80", "80/udp" and "8000-8010/tcp" */
function portsOf(key: string, text: string): readonly string[] {
  try {
    return parseExpose(text).map(({ port, protocol }) => `${port}/${protocol}`);
  } catch (cause) {
    throw new BrigError("invalid", `invalid filter '${key}=${text}': no port`, { cause });
  }
}

/** A regular expression, as in Docker; what is none is plain text. */
function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    return new RegExp(RegExp.escape(text));
  }
}

function isImage({ image, imageId }: ContainerInfo, value: string): boolean {
  if (familiar(image) === familiar(value)) return true;
  const digits = value.startsWith("sha256:") ? value.slice(7) : value;
  return digits.length >= 4 && imageId.slice(imageId.indexOf(":") + 1).startsWith(digits);
}
