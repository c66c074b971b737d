/** That somebody has taken away what is not needed. */

import { type EventHost, type Happening, tellEvent } from "./write.ts";

/** `reclaimed` in bytes. */
export function tellOfPrune(host: EventHost, type: Happening["type"], reclaimed: number): void {
  tellEvent(host, { type, action: "prune", subject: "", attributes: { reclaimed: String(reclaimed) } });
}
