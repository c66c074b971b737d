import { command } from "../flags/command.ts";
import { duration } from "../flags/types/duration.ts";
import { list, strings, text } from "../flags/types/text.ts";
import { toggle } from "../flags/types/toggle.ts";

export const service = command({
  summary: "Serve Docker's Engine API",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: {
    host: {
      type: strings,
      short: "H",
      help: "Where to listen (unix://PATH, fd:// for sockets of systemd's, tcp://HOST:PORT with TLS); brig.sock below the run root; ?readonly behind it for dashboards",
    },
    group: { type: text, short: "G", help: "Group whose members may use the sockets" },
    tlsverify: { type: toggle, help: "Let clients over TCP prove who they are" },
    tlscacert: { type: text, help: "Authority that has signed clients' certificates" },
    tlscert: { type: text, help: "Certificate that the service shows" },
    tlskey: { type: text, help: "Its key" },
    idle: {
      type: duration,
      help: "End when nobody has been connected for so long (5m): for sockets of systemd's, which start it anew",
    },
    insecureTcp: { type: toggle, help: "Listen on TCP without TLS: whoever reaches it is root on this host" },
    authorizationPlugin: { type: list, help: "Plugin to ask about each request and its answer" },
  },
});
