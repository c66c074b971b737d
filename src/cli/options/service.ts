import { command } from "../flags/command.ts";
import { strings, text } from "../flags/types/text.ts";

export const service = command({
  summary: "Serve Docker's Engine API",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: {
    host: {
      type: strings,
      short: "H",
      help: "Where to listen (unix://PATH, fd:// for a socket of systemd's); brig.sock below the run root",
    },
    group: { type: text, short: "G", help: "Group whose members may use the sockets" },
  },
});
