/** The configuration of an image (image-spec, config.md), with the fields that Docker adds to it. */

import { BrigError } from "../../base/errors.ts";
import type { Digest } from "../../base/ids.ts";
import { parseJson } from "../schema/json.ts";
import { boolean, int64, integer, kernelText, oneOf, text } from "../schema/scalars.ts";
import {
  defaulted,
  type Infer,
  list,
  object,
  omitEmpty,
  optional,
  record,
  type Schema,
} from "../schema/schema.ts";
import { type Descriptor, digest } from "./descriptor.ts";
import type { Manifest } from "./manifest.ts";

/** Greatest length of an image config: a thousand layers with long build commands. */
export const imageConfigLimit = 8 * 1024 * 1024;

/** A command: an array of words, or in old images one string that is a single word (Docker's StrSlice). */
const command: Schema<readonly string[]> = (value, at) =>
  typeof value === "string" ? [kernelText(value, at)] : list(kernelText)(value, at);

/** A set is written as an object whose values are empty objects. */
const member: Schema<Readonly<Record<string, never>>> = () => ({});

/** Durations are nanoseconds; 0 is the engine's default. */
export const healthcheck = object({
  /** First word: "NONE", "CMD" or "CMD-SHELL"; an empty list inherits. */
  Test: optional(list(kernelText)),
  Interval: optional(int64),
  Timeout: optional(int64),
  StartPeriod: optional(int64),
  StartInterval: optional(int64),
  Retries: optional(integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
});

/** Defaults for containers of the image. */
export const containerDefaults = object({
  User: omitEmpty(kernelText),
  /** Keys such as "80/tcp". */
  ExposedPorts: optional(record(member)),
  Env: optional(list(kernelText)),
  Entrypoint: omitEmpty(command),
  Cmd: omitEmpty(command),
  /** Keys are paths in the container. */
  Volumes: optional(record(member)),
  WorkingDir: omitEmpty(kernelText),
  Labels: optional(record(text)),
  StopSignal: omitEmpty(text),
  /** Seconds between the stop signal and the kill. */
  StopTimeout: optional(integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
  Healthcheck: optional(healthcheck),
  ArgsEscaped: optional(boolean),
  OnBuild: optional(list(text)),
  Shell: omitEmpty(command),
});

export const rootfs = object({
  type: oneOf(["layers"]),
  /** Digests of the uncompressed layers, the base first. */
  diff_ids: defaulted(list(digest), []),
});

export const history = object({
  created: omitEmpty(text),
  created_by: omitEmpty(text),
  author: omitEmpty(text),
  comment: omitEmpty(text),
  empty_layer: optional(boolean),
});

export const imageConfig = object({
  /** RFC 3339. */
  created: omitEmpty(text),
  author: omitEmpty(text),
  architecture: omitEmpty(text),
  os: omitEmpty(text),
  "os.version": omitEmpty(text),
  "os.features": optional(list(text)),
  variant: omitEmpty(text),
  config: defaulted(containerDefaults, {}),
  rootfs,
  history: optional(list(history)),
});

export interface Healthcheck extends Infer<typeof healthcheck> {}
export interface ContainerDefaults extends Infer<typeof containerDefaults> {}
export interface RootFs extends Infer<typeof rootfs> {}
export interface History extends Infer<typeof history> {}
export interface ImageConfig extends Infer<typeof imageConfig> {}

/** The text of an image config as its type. */
export function parseImageConfig(json: string, name = "image config"): ImageConfig {
  return parseJson(imageConfig, json, name, imageConfigLimit);
}

/** Each layer with the digest of its uncompressed content, the base first. */
export function pairLayers(
  { layers }: Manifest,
  { rootfs: { diff_ids: diffIds } }: ImageConfig,
): readonly { readonly layer: Descriptor; readonly diffId: Digest }[] {
  if (layers.length !== diffIds.length) {
    const counts = `the manifest has ${layers.length} layers and the config ${diffIds.length} diff_ids`;
    throw new BrigError("invalid", `cannot use the image: ${counts}`, { code: "layer-mismatch" });
  }
  return layers.map((layer, index) => ({ layer, diffId: diffIds[index]! }));
}
