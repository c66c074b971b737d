/**
 * An engine as whoever uses it sees it, wherever it is: in this process (`engine.ts`), or behind the API of another
 * (`src/client`). What only one in this process can do is refused by the other.
 */

import type { Engine } from "./engine.ts";

/** The methods of an engine, wherever it is. */
export type ContainerEngine = Pick<Engine, keyof Engine>;
