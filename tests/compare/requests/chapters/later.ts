/** What brig does not do yet, and what there is nothing of. */

import { type Chapter, type Line, made } from "../step.ts";

/** Each is asked as it is, with more, and in a version that there is not. */
const thrice = (ask: string, json?: object): readonly Line[] => [
  { ask, ...(json && { json }) },
  { ask: `${ask}${ask.includes("?") ? "&" : "?"}force=1`, ...(json && { json }) },
  { ask, version: "1.999", ...(json && { json }) },
];

export const laterChapters: readonly Chapter[] = [
  {
    title: "not yet",
    lines: [
      ...thrice("GET /images/search?term=nosuch"),
      ...thrice("GET /distribution/nosuch/json"),
      ...thrice("POST /images/nosuch/push"),
      ...thrice("POST /build"),
      ...thrice("POST /build/cancel?id=nosuch"),
      ...thrice("POST /session"),
      ...thrice("POST /grpc"),
      ...thrice("POST /commit?container=nosuch", {}),
      ...thrice("POST /networks/create", []),
      ...thrice("POST /networks/nosuch/connect", { Container: "nosuch" }),
      ...thrice("POST /networks/nosuch/disconnect", { Container: "nosuch" }),
      "DELETE /networks/nosuch",
      { ask: "DELETE /networks/nosuch", version: "1.999" },
    ],
  },
  {
    title: "a plugin that there is not",
    lines: [
      ...thrice("GET /plugins/nosuch/json"),
      ...thrice("POST /plugins/nosuch/disable"),
      ...thrice("DELETE /plugins/nosuch"),
    ],
  },
  {
    title: "a handshake that is none",
    lines: [
      "GET /containers/nosuch/attach/ws",
      { ask: "GET /containers/nosuch/attach/ws", version: "1.999" },
      made("socket"),
      "GET /containers/socket/attach/ws",
      "DELETE /containers/socket",
    ],
  },
];
