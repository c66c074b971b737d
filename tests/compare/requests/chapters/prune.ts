/** What nobody needs, taken away and counted. */

import { type Chapter, filters, made } from "../step.ts";

export const pruneChapters: readonly Chapter[] = [
  {
    title: "prune",
    lines: [
      "POST /containers/prune",
      made("idle"),
      `POST /containers/prune?${filters({ label: ["nosuch"] })}`,
      `POST /containers/prune?${filters({ until: ["1h"] })}`,
      `POST /containers/prune?${filters({ nosuch: ["x"] })}`,
      `POST /containers/prune?${filters({ until: ["nosuch"] })}`,
      `POST /containers/prune?${filters({ until: ["1h", "2h"] })}`,
      "POST /containers/prune?filters=%7B",
      "POST /containers/prune",
      "POST /images/prune",
      `POST /images/prune?${filters({ dangling: ["false"], label: ["nosuch"] })}`,
      `POST /images/prune?${filters({ dangling: ["maybe"] })}`,
      `POST /images/prune?${filters({ nosuch: ["x"] })}`,
      { ask: "POST /volumes/create", json: { Name: "kept", Labels: { a: "b" } } },
      `POST /volumes/prune?${filters({ "label!": ["a=b"] })}`,
      `POST /volumes/prune?${filters({ until: ["1h"] })}`,
      "POST /volumes/prune",
      "POST /volumes/prune",
      "POST /networks/prune",
      `POST /networks/prune?${filters({ label: ["nosuch"] })}`,
      `POST /networks/prune?${filters({ nosuch: ["x"] })}`,
      "POST /build/prune",
      "POST /build/prune?all=1",
      { ask: "POST /build/prune", version: "1.999" },
    ],
  },
  {
    title: "what takes the space",
    lines: [
      { ask: "GET /system/df", kinds: true },
      made("idle"),
      { ask: "GET /system/df", kinds: true },
      "DELETE /containers/idle",
      { ask: "GET /system/df", version: "1.999" },
    ],
  },
];
