import { command } from "../flags/command.ts";
import { text } from "../flags/types/text.ts";
import { toggle } from "../flags/types/toggle.ts";

/** Flags before the name of a command. */
export const globalFlags = command({
  summary: "",
  usage: "COMMAND [ARG...]",
  operands: { least: 0 },
  interspersed: false,
  flags: {
    root: { type: text, help: "Where brig keeps its state (BRIG_ROOT; /var/lib/brig)" },
    runRoot: { type: text, help: "Where sockets are (BRIG_RUN_ROOT; /run/brig)" },
    storageDriver: {
      type: text,
      help: "What makes the roots of new containers: overlay2 or vfs (BRIG_STORAGE_DRIVER; what the disk can)",
    },
    host: {
      type: text,
      short: "H",
      help: "Where the engine is: unix://PATH, tcp://HOST:PORT or ssh://[USER@]HOST (BRIG_HOST; this host's own)",
    },
    context: {
      type: text,
      short: "c",
      help: "Name of the context that says where the engine is (BRIG_CONTEXT; that of 'brig context use')",
    },
    tls: { type: toggle, help: "Speak TLS to tcp://, whoever answers" },
    tlsverify: { type: toggle, help: "Speak TLS to tcp://, with the right one only (BRIG_TLS_VERIFY)" },
    tlscacert: { type: text, help: "Certificate of who signs for it (ca.pem in BRIG_CERT_PATH)" },
    tlscert: { type: text, help: "Certificate to be known by (cert.pem in BRIG_CERT_PATH)" },
    tlskey: { type: text, help: "Its key (key.pem in BRIG_CERT_PATH)" },
    version: { type: toggle, short: "v", help: "Print the version" },
  },
});

export interface Place {
  readonly root: string;
  readonly runRoot: string;
  /** Undefined for what the disk can. */
  readonly storageDriver: string | undefined;
}

/** Flags before environment before defaults. */
export function resolvePlace(
  options: { readonly [Name in keyof Place]: string | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): Place {
  return {
    root: options.root || environment.BRIG_ROOT || "/var/lib/brig",
    runRoot: options.runRoot || environment.BRIG_RUN_ROOT || "/run/brig",
    storageDriver: options.storageDriver || environment.BRIG_STORAGE_DRIVER || undefined,
  };
}
