/** The version of the runtime-spec that brig implements, and writes into what it makes. */
export const runtimeSpecVersion = "1.3.0";
