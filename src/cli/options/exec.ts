import { command } from "../flags/command.ts";
import { list, text } from "../flags/types/text.ts";
import { toggle } from "../flags/types/toggle.ts";
import { detachKeys } from "./values/detach-keys.ts";
import { environmentList } from "./values/env.ts";
import { workingDirectory } from "./values/working-directory.ts";

export const exec = command({
  summary: "Run a command in a running container",
  usage: "CONTAINER COMMAND [ARG...]",
  operands: { least: 2 },
  interspersed: false,
  flags: {
    detach: { type: toggle, short: "d", help: "Do not wait for the command" },
    detachKeys: { type: detachKeys, help: "Keys that leave it running and end this command (ctrl-p,ctrl-q)" },
    env: { type: environmentList, short: "e", help: "Set an environment variable, or pass the caller's on" },
    envFile: { type: list, help: "Read environment variables from a file" },
    interactive: { type: toggle, short: "i", help: "Connect STDIN" },
    privileged: { type: toggle, help: "Give the command every privilege" },
    tty: { type: toggle, short: "t", help: "Give it a pseudo-terminal" },
    user: { type: text, short: "u", help: "User to run as (NAME|UID[:GROUP|GID])" },
    workdir: { type: workingDirectory, short: "w", help: "Directory to run in, inside the container" },
  },
});
