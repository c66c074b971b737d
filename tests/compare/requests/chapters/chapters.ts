/** All that is asked. */

import type { Chapter } from "../step.ts";
import { execChapters } from "./exec.ts";
import { fileChapters } from "./files.ts";
import { imageChapters } from "./images.ts";
import { ioChapters } from "./io.ts";
import { laterChapters } from "./later.ts";
import { lifeChapters } from "./life.ts";
import { listChapters } from "./lists.ts";
import { networkChapters } from "./networks.ts";
import { pruneChapters } from "./prune.ts";
import { swarmChapters } from "./swarm.ts";
import { systemChapters } from "./system.ts";
import { volumeChapters } from "./volumes.ts";

export const chapters: readonly Chapter[] = [
  ...systemChapters,
  ...listChapters,
  ...lifeChapters,
  ...ioChapters,
  ...fileChapters,
  ...execChapters,
  ...imageChapters,
  ...volumeChapters,
  ...networkChapters,
  ...swarmChapters,
  ...pruneChapters,
  ...laterChapters,
];
