/** Networks: those that are always there. */

import { type Chapter, filters, forever, made } from "../step.ts";

export const networkChapters: readonly Chapter[] = [
  {
    title: "networks",
    lines: [
      `GET /networks?${filters({ name: ["none"] })}`,
      `GET /networks?${filters({ name: ["bridge"] })}`,
      `GET /networks?${filters({ driver: ["host"] })}`,
      `GET /networks?${filters({ type: ["custom"] })}`,
      `GET /networks?${filters({ type: ["nosuch"] })}`,
      `GET /networks?${filters({ scope: ["local"], name: ["host"] })}`,
      `GET /networks?${filters({ nosuch: ["a"] })}`,
      `GET /networks?${filters({ dangling: ["x"] })}`,
      "GET /networks?filters=%7B",
      "GET /networks/none",
      "GET /networks/host",
      "GET /networks/bridge",
      "GET /networks/bridge?verbose=1",
      "GET /networks/bridge?scope=swarm",
      "GET /networks/nosuch",
      made("member", { Cmd: forever }),
      "POST /containers/member/start",
      "GET /networks/bridge",
      "DELETE /networks/bridge",
    ],
  },
];
