/** `--attach`: which of the container's streams the caller is connected to. */

import { listOf } from "../../flags/types/text.ts";

export type Stream = "stdin" | "stdout" | "stderr";

const streams: readonly Stream[] = ["stdin", "stdout", "stderr"];

export const streamList = listOf((text): Stream => {
  const stream = streams.find((name) => name === text.toLowerCase());
  if (!stream) throw new Error("valid streams are STDIN, STDOUT and STDERR");
  return stream;
});
