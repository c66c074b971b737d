/** Files of containers, as archives. */

import { endBlocks, rawEntry } from "../../../../src/image/tar/fixture.ts";
import { type Chapter, made } from "../step.ts";

const archive = Buffer.concat([
  rawEntry("5", "folder/"),
  rawEntry("0", "folder/file", "content\n"),
  rawEntry("0", "other", "more\n"),
  endBlocks(),
]);
const tar = { "Content-Type": "application/x-tar" };

export const fileChapters: readonly Chapter[] = [
  {
    title: "archives of files",
    lines: [
      made("files", { Cmd: ["true"] }),
      "HEAD /containers/files/archive?path=/etc",
      "HEAD /containers/files/archive?path=/etc/passwd",
      "HEAD /containers/files/archive?path=etc/",
      "HEAD /containers/files/archive?path=/usr/bin/env",
      "HEAD /containers/files/archive?path=/nosuch",
      "HEAD /containers/files/archive",
      "HEAD /containers/nosuch/archive?path=/",
      "GET /containers/files/archive?path=/etc/passwd",
      "GET /containers/files/archive?path=/etc",
      "GET /containers/files/archive?path=/etc/.",
      "GET /containers/files/archive?path=/usr/bin/env",
      "GET /containers/files/archive?path=/../../etc/group",
      "GET /containers/files/archive?path=/nosuch",
      "GET /containers/files/archive?path=/etc/passwd/",
      "GET /containers/files/archive?path=",
      "GET /containers/files/archive",
      "GET /containers/nosuch/archive?path=/",
      { ask: "PUT /containers/files/archive?path=/tmp", body: archive, headers: tar },
      { ask: "PUT /containers/files/archive?path=/home", body: archive, headers: tar, chunked: 700 },
      "GET /containers/files/archive?path=/tmp",
      "GET /containers/files/archive?path=/home/folder/file",
      { ask: "PUT /containers/files/archive?path=/nosuch", body: archive, headers: tar },
      { ask: "PUT /containers/files/archive?path=/etc/passwd", body: archive, headers: tar },
      {
        ask: "PUT /containers/files/archive?path=/tmp&noOverwriteDirNonDir=1",
        body: Buffer.concat([rawEntry("0", "folder", "x"), endBlocks()]),
        headers: tar,
      },
      { ask: "PUT /containers/files/archive", body: archive, headers: tar },
      { ask: "PUT /containers/files/archive?path=/tmp", body: "nonsense", headers: tar },
      { ask: "PUT /containers/nosuch/archive?path=/", body: archive, headers: tar },
      { ask: "PUT /containers/files/archive?path=/tmp", body: "", headers: tar },
      "GET /containers/files/changes",
    ],
  },
  {
    title: "a whole root",
    lines: [
      made("whole", { Cmd: ["true"] }),
      "GET /containers/whole/export",
      "POST /containers/whole/start",
      "POST /containers/whole/wait",
      "GET /containers/whole/export",
      "GET /containers/nosuch/export",
    ],
  },
];
