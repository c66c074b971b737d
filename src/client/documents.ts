/** What another engine says, as it said it: lists and `inspect` print these. */

import type {
  ContainerSummary,
  Document,
  Documents,
  ImageSummary,
  NetworkDocument,
  UsageDocument,
  VolumeDocument,
} from "../docker/documents/documents.ts";
import type { Filters } from "../docker/filter/filters.ts";
import type { InfoJson } from "../docker/inspect/info.ts";
import { boolean, text, whole } from "../spec/schema/scalars.ts";
import {
  defaulted,
  list,
  looseObject,
  omitEmpty,
  optional,
  record,
  type Schema,
} from "../spec/schema/schema.ts";
import { type Api, imagePath, part } from "./api.ts";

export function remoteDocuments(api: Api): Documents {
  const get = (path: string, query = {}) => api.document({ method: "GET", path, query }) as Promise<Document>;
  return {
    containers: ({ all = false, limit = 0, filters = {}, size = false }) =>
      api.read(containers, {
        method: "GET",
        path: "/containers/json",
        query: {
          ...(all ? { all: 1 } : {}),
          ...(limit > 0 ? { limit } : {}),
          ...(size ? { size: 1 } : {}),
          filters: filtersText(filters),
        },
      }),
    container: (reference, { size = false } = {}) =>
      get(`/containers/${part(reference)}/json`, size ? { size: 1 } : {}),
    images({ filters = {}, reference }) {
      const names = [...(filters.reference ?? []), ...(reference === undefined ? [] : [reference])];
      const all = names.length === 0 ? filters : { ...filters, reference: names };
      return api.read(images, { method: "GET", path: "/images/json", query: { filters: filtersText(all) } });
    },
    image: (reference) => get(`/images/${imagePath(reference)}/json`),
    volumes: async (filters) =>
      (await api.read(volumes, { method: "GET", path: "/volumes", query: { filters: filtersText(filters) } }))
        .Volumes,
    volume: (name) => get(`/volumes/${part(name)}`),
    networks: (filters) =>
      api.read(networks, { method: "GET", path: "/networks", query: { filters: filtersText(filters) } }),
    network: (reference) => get(`/networks/${part(reference)}`),
    usage: () => api.read(usage, { method: "GET", path: "/system/df" }),
    info: async () => (await get("/info")) as unknown as InfoJson,
    version: () => get("/version"),
  };
}

function filtersText(filters: Filters): string | undefined {
  return Object.keys(filters).length === 0 ? undefined : JSON.stringify(filters);
}

const word = defaulted(text, "");
const texts = defaulted(list(text), []);
const labels = defaulted(record(text), {});
const anything = ((value: unknown) => value) as Schema<unknown>;

const containers: Schema<readonly ContainerSummary[]> = list(
  looseObject({
    Id: text,
    Names: texts,
    Image: word,
    Command: word,
    Created: defaulted(whole, 0),
    Ports: defaulted(
      list(
        looseObject({
          IP: omitEmpty(text),
          PrivatePort: defaulted(whole, 0),
          PublicPort: optional(whole),
          Type: word,
        }),
      ),
      [],
    ),
    SizeRw: optional(whole),
    SizeRootFs: optional(whole),
    Labels: labels,
    State: word,
    Status: word,
    NetworkSettings: defaulted(looseObject({ Networks: defaulted(record(anything), {}) }), { Networks: {} }),
    Mounts: defaulted(
      list(looseObject({ Type: word, Name: omitEmpty(text), Source: word, Driver: omitEmpty(text) })),
      [],
    ),
  }),
);

const imageFields = {
  Id: text,
  // Docker's of old have a name in place of none.
  RepoTags: defaulted(
    ((value: unknown, at: string) =>
      list(text)(value, at).filter((name) => name !== "<none>:<none>")) as Schema<readonly string[]>,
    [],
  ),
  RepoDigests: texts,
  Created: defaulted(whole, 0),
  Size: defaulted(whole, 0),
} as const;

const images: Schema<readonly ImageSummary[]> = list(looseObject(imageFields));

const volumeFields = { Name: text, Driver: word, Scope: word, Mountpoint: word, Labels: labels } as const;

const volumes = looseObject({
  Volumes: defaulted(list(looseObject(volumeFields)) as Schema<readonly VolumeDocument[]>, []),
});

/** -1 where an engine has not counted. */
const counted = defaulted(whole, 0);
const unused = { RefCount: 0, Size: 0 };

const usage: Schema<UsageDocument> = looseObject({
  LayersSize: counted,
  Images: defaulted(list(looseObject({ ...imageFields, SharedSize: counted, Containers: counted })), []),
  Containers: defaulted(containers, []),
  Volumes: defaulted(
    list(
      looseObject({
        ...volumeFields,
        UsageData: defaulted(looseObject({ RefCount: counted, Size: counted }), unused),
      }),
    ),
    [],
  ),
  BuildCache: defaulted(anything, null),
});

const networks: Schema<readonly NetworkDocument[]> = list(
  looseObject({
    Name: text,
    Id: text,
    Created: word,
    Driver: word,
    Scope: word,
    EnableIPv6: defaulted(boolean, false),
    Internal: defaulted(boolean, false),
    Labels: labels,
  }),
);
