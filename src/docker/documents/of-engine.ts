/** The documents of an engine that is in this process. */

import type { ContainerEngine } from "../../engine/container-engine.ts";
import { containerFilter } from "../filter/container.ts";
import { filterImages, nameMatches } from "../filter/image.ts";
import { networkFilter } from "../filter/network.ts";
import { volumeFilter } from "../filter/volume.ts";
import { imageRows } from "../image-rows.ts";
import { containerJson } from "../inspect/container.ts";
import { containerSummary } from "../inspect/container-summary.ts";
import { imageJson } from "../inspect/image.ts";
import { imageSummary } from "../inspect/image-summary.ts";
import { infoJson } from "../inspect/info.ts";
import { networkInfoJson } from "../inspect/network.ts";
import { volumeJson } from "../inspect/volume.ts";
import type { ContainerQuery, ContainerSummary, Documents, ImageQuery, ImageSummary } from "./documents.ts";
import { imageDetails } from "./image-details.ts";
import { usageDocument } from "./usage.ts";

export function documentsOf(engine: ContainerEngine, now: () => number): Documents {
  return {
    containers: (query) => containers(engine, query, now()),
    container: (reference, options) => container(engine, reference, options?.size ?? false),
    images: (query) => images(engine, query),
    image: async (reference) => imageJson(await engine.inspectImage(reference)),
    async volumes(filters) {
      const users = "dangling" in filters ? await engine.list({ all: true }) : [];
      return (await engine.volumes()).filter(volumeFilter(filters, users)).map(volumeJson);
    },
    volume: async (name) => volumeJson(await engine.inspectVolume(name)),
    networks: async (filters) =>
      (await engine.networks()).filter(networkFilter(filters)).map(networkInfoJson),
    network: async (reference) => networkInfoJson(await engine.inspectNetwork(reference)),
    usage: () => usageDocument(engine, ["images", "containers", "volumes"], now()),
    info: async () => infoJson(await engine.info(), now()),
    version: async () => undefined,
  };
}

async function containers(
  engine: ContainerEngine,
  { all = false, limit = 0, filters = {}, size = false }: ContainerQuery,
  now: number,
): Promise<readonly ContainerSummary[]> {
  const holds = await containerFilter(filters, (reference) => engine.inspect(reference));
  const found = (await engine.list({ all: all || limit > 0 || "status" in filters })).filter(holds);
  const shown = limit > 0 ? found.slice(0, limit) : found;
  // Of many containers an image is read once.
  const images = new Map<string, ReturnType<typeof imageDetails>>();
  const imageOf = (id: string) => images.get(id) ?? images.set(id, imageDetails(engine, id)).get(id);
  return Promise.all(
    shown.map(async (container) => {
      const measured = size ? { size: await engine.size(container.id) } : {};
      const config = (await imageOf(container.imageId))?.config;
      return containerSummary(container, config, { now, ...measured });
    }),
  );
}

async function container(engine: ContainerEngine, reference: string, size: boolean) {
  const found = await engine.inspect(reference);
  const executions = await engine.executions(found.id);
  const json = {
    ...containerJson(found, (await imageDetails(engine, found.imageId))?.config),
    ExecIDs: executions.length > 0 ? executions : null,
  };
  if (!size) return json;
  const { written, root } = await engine.size(found.id);
  return { ...json, SizeRw: written, SizeRootFs: root };
}

/** The newest first. Of an image that is asked for by a pattern only the names that it fits. */
async function images(
  engine: ContainerEngine,
  { filters = {}, reference }: ImageQuery,
): Promise<readonly ImageSummary[]> {
  const detailsOf = (id: string) => engine.inspectImage(id);
  const patterns = [...(filters.reference ?? []), ...(reference === undefined ? [] : [reference])];
  const all = patterns.length === 0 ? filters : { ...filters, reference: patterns };
  const found = await filterImages(await engine.images(), all, detailsOf);
  const containers = await engine.list({ all: true });
  const summaries: ImageSummary[] = [];
  for (const image of found.toSorted((a, b) => b.created - a.created)) {
    const rows = imageRows(image, image.names);
    const fits = rows.filter((row) => patterns.some((pattern) => nameMatches(row, pattern)));
    const names = patterns.length === 0 ? image.names : fits.map(({ name }) => name);
    if (patterns.length > 0 && names.length === 0) continue;
    const users = containers.filter(({ imageId }) => imageId === image.id).length;
    summaries.push(imageSummary({ ...image, names }, await detailsOf(image.id), users));
  }
  return summaries;
}
