/** What nobody needs is taken away (Engine API, "…Prune"), and told how much there is (SystemDataUsage). */

import { BrigError } from "../../base/errors.ts";
import { usageDocument } from "../../docker/documents/usage.ts";
import { imagePruneQuery, pruneQuery, volumePruneQuery } from "../../docker/filter/prune.ts";
import type { UsageKind } from "../../engine/disk-usage.ts";
import { document } from "../answers.ts";
import type { Call } from "../call.ts";
import { type Answer, json } from "../http/answer.ts";
import { filters, texts } from "../parameter.ts";
import { type Route, route } from "../route.ts";
import { isBefore } from "../version.ts";

const usual = { query: { filters: filters("label label! until") } } as const;
const ofImages = { query: { filters: filters("dangling label label! until") } } as const;
const ofVolumes = { query: { filters: filters("all label label!") } } as const;
const measuring = { query: { type: texts("Only these: image, container, volume, build-cache") } } as const;

const answers = { 200: document("What was removed"), 400: "The filters are wrong" } as const;

export const prune: readonly Route[] = [
  route({
    method: "POST",
    path: "/containers/prune",
    summary: "Remove containers that do not run",
    asked: usual,
    answers,
    answer: containers,
  }),
  route({
    method: "POST",
    path: "/images/prune",
    summary: "Remove images that no container has",
    asked: ofImages,
    answers,
    answer: images,
  }),
  route({
    method: "POST",
    path: "/volumes/prune",
    summary: "Remove volumes that no container has",
    asked: ofVolumes,
    answers,
    answer: volumes,
  }),
  route({
    method: "POST",
    path: "/networks/prune",
    summary: "Remove networks that no container is in",
    asked: usual,
    answers,
    answer: networks,
  }),
  route({
    method: "POST",
    path: "/build/prune",
    summary: "Empty the build cache: there is none",
    answers,
    answer: builds,
  }),
  route({
    method: "GET",
    path: "/system/df",
    summary: "Tell what takes the space",
    asked: measuring,
    answers: { 200: document("Images, containers, volumes"), 400: "There is no such type" },
    shows: "state",
    answer: usage,
  }),
];

const nullIfNone = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);

async function containers(call: Call<typeof usual>): Promise<Answer> {
  const query = pruneQuery(call.query.filters, Date.now());
  const { removed, reclaimed } = await call.engine.pruneContainers(query);
  return json({ ContainersDeleted: nullIfNone(removed), SpaceReclaimed: reclaimed });
}

async function images(call: Call<typeof ofImages>): Promise<Answer> {
  const query = imagePruneQuery(call.query.filters, Date.now());
  const { removed, reclaimed } = await call.engine.pruneImages(query);
  const deleted = removed.map(({ kind, what }) =>
    kind === "untagged" ? { Untagged: what } : { Deleted: what },
  );
  return json({ ImagesDeleted: nullIfNone(deleted), SpaceReclaimed: reclaimed });
}

/** Before 1.42 it took those that have a name as well. */
async function volumes(call: Call<typeof ofVolumes>): Promise<Answer> {
  const all = isBefore(call.version, { major: 1, minor: 42 });
  const { removed, reclaimed } = await call.engine.pruneVolumes(volumePruneQuery(call.query.filters, all));
  return json({ VolumesDeleted: removed, SpaceReclaimed: reclaimed });
}

async function networks(call: Call<typeof usual>): Promise<Answer> {
  const { removed } = await call.engine.pruneNetworks(pruneQuery(call.query.filters, Date.now()));
  return json({ NetworksDeleted: nullIfNone(removed) });
}

function builds(): Answer {
  return json({ CachesDeleted: null, SpaceReclaimed: 0 });
}

/** As `type` names them. */
const kinds: Readonly<Record<string, readonly UsageKind[]>> = {
  image: ["images"],
  container: ["containers"],
  volume: ["volumes"],
  "build-cache": [],
};

async function usage(call: Call<typeof measuring>): Promise<Answer> {
  const { type: types } = call.query;
  const wanted = (types.length === 0 ? Object.keys(kinds) : types).flatMap((type) => {
    if (Object.hasOwn(kinds, type)) return kinds[type]!;
    throw new BrigError("invalid", `unknown object type: ${type}`);
  });
  const old = isBefore(call.version, { major: 1, minor: 42 });
  const found = await usageDocument(call.engine, wanted, Date.now());
  return json({ ...found, ...(old ? { BuilderSize: 0 } : {}) });
}
