/** What happened to images. */

import type { ImageConfig } from "../../spec/image/config.ts";
import { type EventHost, tellEvent } from "./write.ts";

export type ImageAction = "delete" | "import" | "load" | "save" | "tag" | "untag";

interface Subject {
  readonly id: string;
  readonly config: ImageConfig;
}

/** `name` is its id where none was said. Of one that is gone the labels are not told, as by Docker. */
export function tellOfImage(
  host: EventHost,
  action: ImageAction,
  { id, config }: Subject,
  name: string = id,
): void {
  const labels = action === "delete" ? {} : (config.config?.Labels ?? {});
  tellEvent(host, { type: "image", action, subject: id, attributes: { ...labels, name } });
}
