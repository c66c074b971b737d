/** Images (Engine API, "Images"). Registries are not spoken to yet. */

import { BrigError } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import { imageFilter } from "../../docker/filter/image.ts";
import { imageJson } from "../../docker/inspect/image.ts";
import { imageSummary } from "../../docker/inspect/image-summary.ts";
import type { Call } from "../call.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import type { Route } from "../route.ts";

export const images: readonly Route[] = [
  { method: "GET", path: "/images/json", summary: "List images", answer: list },
  { method: "POST", path: "/images/create", summary: "Import an image", answer: create },
  { method: "POST", path: "/images/load", summary: "Load images from an archive", answer: load },
  { method: "GET", path: "/images/get", summary: "Save several images", answer: saveSeveral },
  { method: "GET", path: "/images/{name...}/get", summary: "Save an image", answer: save },
  { method: "GET", path: "/images/{name...}/json", summary: "Inspect an image", answer: inspect },
  {
    method: "GET",
    path: "/images/{name...}/history",
    summary: "Show the steps of an image",
    answer: history,
  },
  { method: "POST", path: "/images/{name...}/tag", summary: "Give an image another name", answer: tag },
  { method: "DELETE", path: "/images/{name...}", summary: "Remove an image", answer: remove },
];

function list(call: Call): Answer {
  const { engine } = call;
  const filters = call.filters();
  const reference = call.text("filter");
  const all = reference === "" ? filters : { ...filters, reference: [reference] };
  const detailsOf = (id: string) => engine.inspectImage(id);
  const found = engine.images().filter(imageFilter(all, detailsOf));
  return json(
    found.toSorted((a, b) => b.created - a.created).map((image) => imageSummary(image, detailsOf(image.id))),
  );
}

/** `import`, by `fromSrc=-`; what is to be pulled is not to be had. */
async function create(call: Call): Promise<Answer> {
  const name = call.text("fromImage");
  if (name !== "") {
    const tagged = call.text("tag") === "" ? name : `${name}:${call.text("tag")}`;
    throw new BrigError(
      "not-found",
      `cannot fetch ${tagged}: registries are not supported yet; bring the image with brig load or brig import`,
      { code: "no-such-image" },
    );
  }
  if (call.text("fromSrc") !== "-")
    throw new BrigError("unsupported", "cannot import from a URL: send the archive with fromSrc=-");
  const [repository, tagText] = [call.text("repo"), call.text("tag")];
  const reference = repository === "" ? undefined : tagText === "" ? repository : `${repository}:${tagText}`;
  const { id } = await call.engine.importImage(
    call.bytes(),
    present({
      reference,
      message: call.text("message") || undefined,
      platform: call.text("platform") || undefined,
      changes: call.query.getAll("changes"),
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

function saveSeveral(call: Call): Promise<Answer> {
  const references = call.query.getAll("names");
  if (references.length === 0) throw new BrigError("invalid", "no image names were given");
  return archive(call, references);
}

async function archive(call: Call, references: readonly string[]): Promise<Answer> {
  const pieces = await call.engine.save({ references });
  return { kind: "stream", type: "application/x-tar", pieces };
}

function inspect(call: Call): Answer {
  return json(imageJson(call.engine.inspectImage(call.parameter("name"))));
}

async function history(call: Call): Promise<Answer> {
  const details = call.engine.inspectImage(call.parameter("name"));
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

async function tag(call: Call): Promise<Answer> {
  const [repository, tagText] = [call.text("repo"), call.text("tag")];
  await call.engine.tag(call.parameter("name"), tagText === "" ? repository : `${repository}:${tagText}`);
  return empty(201);
}

async function remove(call: Call): Promise<Answer> {
  const removed = await call.engine.removeImage(call.parameter("name"), { force: call.flag("force") });
  return json(
    removed.map(({ kind, what }) => (kind === "untagged" ? { Untagged: what } : { Deleted: what })),
  );
}
