/** Volumes. */

import { type Chapter, filters, made } from "../step.ts";

export const volumeChapters: readonly Chapter[] = [
  {
    title: "volumes",
    lines: [
      "GET /volumes",
      { ask: "POST /volumes/create", json: { Name: "one", Labels: { a: "b" } } },
      { ask: "POST /volumes/create", json: { Name: "one" } },
      { ask: "POST /volumes/create", json: {} },
      "POST /volumes/create",
      { ask: "POST /volumes/create", body: "{" },
      { ask: "POST /volumes/create", json: { Name: "-" } },
      { ask: "POST /volumes/create", json: { Name: "a/b" } },
      { ask: "POST /volumes/create", json: { Name: "odd", DriverOpts: { nosuch: "a" } } },
      {
        ask: "POST /volumes/create",
        json: { Name: "memory", DriverOpts: { type: "tmpfs", device: "tmpfs", o: "size=1m" } },
      },
      { ask: "POST /volumes/create", json: { Name: 1 } },
      "GET /volumes/one",
      "GET /volumes/memory",
      "GET /volumes/nosuch",
      "GET /volumes/..%2fone",
      `GET /volumes?${filters({ name: ["on"] })}`,
      `GET /volumes?${filters({ label: ["a=b"] })}`,
      `GET /volumes?${filters({ driver: ["local"] })}`,
      `GET /volumes?${filters({ driver: ["nosuch"] })}`,
      `GET /volumes?${filters({ dangling: ["x"] })}`,
      `GET /volumes?${filters({ nosuch: ["a"] })}`,
      "GET /volumes?filters=%7B",
      made("uses", { HostConfig: { Binds: ["one:/data"] } }),
      `GET /volumes?${filters({ dangling: ["false"] })}`,
      "DELETE /volumes/one",
      "DELETE /volumes/one?force=1",
      "DELETE /containers/uses",
      "DELETE /volumes/one",
      "DELETE /volumes/one",
      "DELETE /volumes/one?force=1",
      "DELETE /volumes/memory",
    ],
  },
];
