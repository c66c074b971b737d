/** `--workdir`: an absolute path inside the container. */

import type { FlagType } from "../../flags/flag.ts";

export const workingDirectory: FlagType<string, undefined> = {
  word: "string",
  initial: undefined,
  whole: true,
  read: (text) => {
    if (text !== "" && !text.startsWith("/")) {
      throw new Error(`the working directory '${text}' is invalid, it needs to be an absolute path`);
    }
    return text;
  },
};
