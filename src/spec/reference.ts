/**
 * Names of images as Docker reads and shows them (distribution/reference):
 * `[domain/]path[:tag][@digest]`, e.g. "busybox", "ghcr.io/owner/image:1.2", "[fd00::1]:5000/a@sha256:…".
 *
 * Invariants: a parsed reference is normalised: "busybox" is docker.io/library/busybox; no tag is added on the way.
 * Checks are linear in the length of the text. Differs from Docker in one point: a digest that brig cannot verify
 * (sha384) is refused at once.
 */

import { BrigError } from "../base/errors.ts";
import { type Digest, parseDigest } from "../base/ids.ts";

export interface Reference {
  /** Registry as "host" or "host:port"; "" only for an odd name such as "a_b.c/d" that Docker takes too. */
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

export const defaultDomain = "docker.io";
export const defaultTag = "latest";

/** What users type for an image: a name, or the id or digest of content. */
export type NameOrDigest =
  | { readonly kind: "name"; readonly reference: Reference }
  | { readonly kind: "digest"; readonly digest: Digest };

/** Greatest length of a repository's path, without the domain. */
const pathLimit = 255;
const officialPrefix = "library/";

/** Reads a name; refuses 64 hexadecimal digits, which are an id. */
export function parseReference(text: string): Reference {
  if (identifier.test(text)) {
    throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const [domain, rest] = splitDomain(text);
  const colon = rest.indexOf(":");
  const repository = colon < 0 ? rest : rest.slice(0, colon);
  if (repository.toLowerCase() !== repository) {
    throw invalid(`invalid reference format: repository name (${printable(repository)}) must be lowercase`);
  }
  return parseFull(`${domain}/${rest}`);
}

/** Reads what may also be a full id (64 hexadecimal digits) or a digest. */
export function parseNameOrDigest(text: string): NameOrDigest {
  const digest = parseDigest(identifier.test(text) ? `sha256:${text}` : text);
  return digest === undefined
    ? { kind: "name", reference: parseReference(text) }
    : { kind: "digest", digest };
}

/** The reference with the tag "latest" if it has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined
    ? { ...reference, tag: defaultTag }
    : reference;
}

/** What a pull asks for: of tag and digest only the digest counts. */
export function pullTarget(reference: Reference): Reference {
  const { domain, path, digest } = reference;
  return digest === undefined ? withDefaultTag(reference) : { domain, path, digest };
}

/** "docker.io/library/busybox". */
export function repositoryName({ domain, path }: Reference): string {
  return domain === "" ? path : `${domain}/${path}`;
}

/** "busybox": the repository as users know it. */
export function familiarName(reference: Reference): string {
  if (reference.domain !== defaultDomain) return repositoryName(reference);
  const official = reference.path.startsWith(officialPrefix)
    ? reference.path.slice(officialPrefix.length)
    : "/";
  return official.includes("/") ? reference.path : official;
}

/** The full text: "docker.io/library/busybox:latest". */
export function formatReference(reference: Reference): string {
  return repositoryName(reference) + suffix(reference);
}

/** The text as users know it: "busybox:latest". */
export function formatFamiliar(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

export function isTag(text: string): boolean {
  return tag.test(text);
}

const identifier = /^[a-f0-9]{64}$/;
const tag = /^\w[\w.-]{0,127}$/;
const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const hostLabel = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/;
const ipv6Host = /^\[[a-fA-F0-9:]+\]$/;
const port = /:[0-9]+$/;
const digestShape = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** The registry's domain and the rest: a first component is a domain if it cannot be a namespace on Docker Hub. */
function splitDomain(text: string): readonly [domain: string, rest: string] {
  const slash = text.indexOf("/");
  const first = slash < 0 ? "" : text.slice(0, slash);
  const isDomain = first === "localhost" || /[.:]/.test(first) || first.toLowerCase() !== first;
  const domain = isDomain && first !== "index.docker.io" ? first : defaultDomain;
  const rest = isDomain ? text.slice(slash + 1) : text;
  return [domain, domain === defaultDomain && !rest.includes("/") ? officialPrefix + rest : rest];
}

interface Parts {
  readonly domain: string;
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

function parseFull(text: string): Reference {
  const parts = split(text);
  if (parts === undefined) {
    throw invalid(
      split(text.toLowerCase()) ? "repository name must be lowercase" : "invalid reference format",
    );
  }
  const { domain, path } = parts;
  if (path.length > pathLimit) throw invalid(`repository name must not be more than ${pathLimit} characters`);
  const digest = parts.digest === undefined ? undefined : verifiable(parts.digest);
  return {
    domain,
    path,
    ...(parts.tag === undefined ? {} : { tag: parts.tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Takes the text apart from its end, where each separator has only one meaning. */
function split(text: string): Parts | undefined {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !digestShape.test(digest)) return undefined;

  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const tagText = colon < 0 ? undefined : named.slice(colon + 1);
  if (tagText !== undefined && !tag.test(tagText)) return undefined;

  const name = colon < 0 ? named : named.slice(0, colon);
  const slash = name.indexOf("/");
  const domain = slash >= 0 && isDomainName(name.slice(0, slash)) ? name.slice(0, slash) : "";
  const path = domain === "" ? name : name.slice(slash + 1);
  return path.split("/").every((part) => component.test(part))
    ? { domain, path, tag: tagText, digest }
    : undefined;
}

function isDomainName(text: string): boolean {
  const host = text.replace(port, "");
  return ipv6Host.test(host) || host.split(".").every((label) => hostLabel.test(label));
}

/** Of the right shape is not enough: the algorithm must be known and the length its own. */
function verifiable(text: string): Digest {
  const digest = parseDigest(text);
  if (digest !== undefined) return digest;
  const colon = text.indexOf(":");
  const algorithm = text.slice(0, colon);
  if (Object.hasOwn(digestLengths, algorithm)) {
    const right = text.length - colon - 1 === digestLengths[algorithm];
    throw invalid(`invalid checksum digest ${right ? "format" : "length"}`);
  }
  throw invalid(/[A-Z]/.test(algorithm) ? "invalid checksum digest format" : "unsupported digest algorithm");
}

const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

function suffix({ tag: name, digest }: Reference): string {
  return (name === undefined ? "" : `:${name}`) + (digest === undefined ? "" : `@${digest}`);
}

function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, "?");
}

function invalid(message: string): BrigError {
  return new BrigError("invalid", message, { code: "invalid-reference" });
}

/** "busybox" → "busybox:latest"; what is no name stays as it is. */
export function familiar(image: string): string {
  try {
    return formatFamiliar(withDefaultTag(parseReference(image)));
  } catch {
    return image;
  }
}
