/** What the container is called, where its id is written, and how strongly it is isolated. */

import type { Flags } from "../../flags/flag.ts";
import { list, text } from "../../flags/types/text.ts";
import { toggle } from "../../flags/types/toggle.ts";
import { isolation } from "../values/isolation.ts";
import { labelList } from "../values/label.ts";
import { platform } from "../values/platform.ts";
import { pullPolicy } from "../values/pull.ts";

export const identityFlags = {
  cidfile: { type: text, help: "File to write the container's id to; must not exist" },
  domainname: { type: text, help: "NIS domain name inside the container" },
  hostname: { type: text, short: "h", help: "Host name inside the container" },
  isolation: {
    type: isolation,
    help: "What separates it from the host:\n'process': namespaces and cgroups (default)\n'sandbox': a user-space kernel\n'vm':      a virtual machine",
  },
  label: { type: labelList, short: "l", help: "Attach a label (KEY=VALUE)" },
  labelFile: { type: list, help: "Read labels from a file" },
  name: { type: text, help: "Name of the container" },
  platform: { type: platform, help: "Platform of the image to run (OS[/ARCH[/VARIANT]])" },
  pull: { type: pullPolicy, help: "When to fetch the image (always, missing, never)" },
  quiet: { type: toggle, short: "q", help: "Do not show the progress of fetching the image" },
  rm: { type: toggle, help: "Remove the container and its anonymous volumes when it ends" },
  runtime: { type: text, help: "OCI runtime to use instead of the built-in one" },
} as const satisfies Flags;
