/** Images (Engine API, "Images"). Registries are not spoken to yet. */

import { BrigError } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import { asOf } from "../../docker/inspect/earlier.ts";
import { archive as archiveOf, document, noImage } from "../answers.ts";
import type { Call } from "../call.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import { filters, flag, text, texts } from "../parameter.ts";
import { type Route, route } from "../route.ts";

const tar = { bytes: "application/x-tar" } as const;

const listing = {
  query: {
    filters: filters("before dangling label reference since"),
    filter: text("A name or a pattern of names, from clients before 1.41"),
    all: flag("Docker's layers of the classic builder: there are none"),
    digests: flag("Digests are always told"),
  },
} as const;

const importing = {
  query: {
    fromImage: text("What is to be pulled"),
    fromSrc: text("- for an archive that is sent"),
    repo: text("The name of the image"),
    tag: text("Its tag"),
    message: text("What its history says"),
    platform: text("Its platform"),
    changes: texts("Instructions of a Dockerfile"),
  },
  body: tar,
} as const;

const loading = { query: { quiet: flag("No progress: there is none") }, body: tar } as const;
const saving = { query: { names: texts("Names of images") } } as const;
const tagging = { query: { repo: text("The other name"), tag: text("Its tag") } } as const;
const removing = {
  query: {
    force: flag("Also when containers that do not run need it"),
    noprune: flag("Keep its parents: there are none"),
  },
} as const;

export const images: readonly Route[] = [
  route({
    method: "GET",
    path: "/images/json",
    summary: "List images",
    asked: listing,
    answers: { 200: document("Images, the newest first"), ...noImage },
    shows: "state",
    answer: list,
  }),
  route({
    method: "POST",
    path: "/images/create",
    summary: "Import an image",
    asked: importing,
    answers: { 200: document("The image that was made"), ...noImage },
    answer: create,
  }),
  route({
    method: "POST",
    path: "/images/load",
    summary: "Load images from an archive",
    asked: loading,
    answers: { 200: document("A message for each image") },
    answer: load,
  }),
  route({
    method: "GET",
    path: "/images/get",
    summary: "Save several images",
    asked: saving,
    answers: { 200: archiveOf("An OCI layout that is a Docker archive, too"), ...noImage },
    answer: saveSeveral,
  }),
  route({
    method: "GET",
    path: "/images/{name...}/get",
    summary: "Save an image",
    answers: { 200: archiveOf("An OCI layout that is a Docker archive, too"), ...noImage },
    answer: save,
  }),
  route({
    method: "GET",
    path: "/images/{name...}/json",
    summary: "Inspect an image",
    answers: { 200: document("The image"), ...noImage },
    shows: "state",
    answer: inspect,
  }),
  route({
    method: "GET",
    path: "/images/{name...}/history",
    summary: "Show the steps of an image",
    answers: { 200: document("Steps, the last first"), ...noImage },
    answer: history,
  }),
  route({
    method: "POST",
    path: "/images/{name...}/tag",
    summary: "Give an image another name",
    asked: tagging,
    answers: { 201: "It has the name", ...noImage },
    answer: tag,
  }),
  route({
    method: "DELETE",
    path: "/images/{name...}",
    summary: "Remove an image",
    asked: removing,
    answers: { 200: document("What was untagged and deleted"), ...noImage, 409: "It is needed" },
    answer: remove,
  }),
];

async function list(call: Call<typeof listing>): Promise<Answer> {
  const { filters, filter } = call.query;
  const found = await call.documents.images({
    filters: filter === "" ? filters : { ...filters, reference: [filter] },
  });
  return json(found.map((image) => asOf("image in a list", call.version.minor, image)));
}

/** `import`, by `fromSrc=-`; what is to be pulled is not to be had. */
async function create(call: Call<typeof importing>): Promise<Answer> {
  const { fromImage, fromSrc, repo, tag, message, platform, changes } = call.query;
  if (fromImage !== "") {
    const tagged = named(fromImage, tag);
    throw new BrigError(
      "not-found",
      `cannot fetch ${tagged}: registries are not supported yet; bring the image with brig load or brig import`,
      { code: "no-such-image" },
    );
  }
  if (fromSrc !== "-")
    throw new BrigError("unsupported", "cannot import from a URL: send the archive with fromSrc=-");
  const { id } = await call.engine.importImage(
    call.bytes(),
    present({
      reference: repo === "" ? undefined : named(repo, tag),
      message: message || undefined,
      platform: platform || undefined,
      changes,
    }),
  );
  return { kind: "stream", type: "application/json", pieces: progress([{ status: id }]) };
}

async function load(call: Call): Promise<Answer> {
  const loaded: { readonly stream: string }[] = [];
  for await (const { reference, id } of call.engine.load(call.bytes()))
    loaded.push({
      stream: reference === undefined ? `Loaded image ID: ${id}\n` : `Loaded image: ${reference}\n`,
    });
  return { kind: "stream", type: "application/json", pieces: progress(loaded) };
}

async function* progress(messages: readonly object[]): AsyncGenerator<string> {
  for (const message of messages) yield `${JSON.stringify(message)}\r\n`;
}

function save(call: Call): Promise<Answer> {
  return archive(call, [call.parameter("name")]);
}

function saveSeveral(call: Call<typeof saving>): Promise<Answer> {
  const references = call.query.names;
  if (references.length === 0) throw new BrigError("invalid", "no image names were given");
  return archive(call, references);
}

async function archive(call: Call, references: readonly string[]): Promise<Answer> {
  const pieces = await call.engine.save({ references });
  return { kind: "stream", type: "application/x-tar", pieces };
}

async function inspect(call: Call): Promise<Answer> {
  return json(asOf("image", call.version.minor, await call.documents.image(call.parameter("name"))));
}

async function history(call: Call): Promise<Answer> {
  const details = await call.engine.inspectImage(call.parameter("name"));
  const steps = await call.engine.history(details.id);
  return json(
    steps.map(({ id, created, createdBy, comment, size }) => ({
      Id: id ?? "<missing>",
      Created: Math.floor((created ?? 0) / 1000),
      CreatedBy: createdBy,
      Tags: id === undefined ? null : details.names,
      Size: size,
      Comment: comment,
    })),
  );
}

async function tag(call: Call<typeof tagging>): Promise<Answer> {
  await call.engine.tag(call.parameter("name"), named(call.query.repo, call.query.tag));
  return empty(201);
}

async function remove(call: Call<typeof removing>): Promise<Answer> {
  const removed = await call.engine.removeImage(call.parameter("name"), { force: call.query.force });
  return json(
    removed.map(({ kind, what }) => (kind === "untagged" ? { Untagged: what } : { Deleted: what })),
  );
}

function named(repository: string, tag: string): string {
  return tag === "" ? repository : `${repository}:${tag}`;
}
