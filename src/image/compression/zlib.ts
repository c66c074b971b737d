/**
 * node:zlib, loaded when something is compressed: an import at the top of a module is loaded when the executable
 * starts, and this one would cost every `run` a millisecond.
 */

export const zlib = () => process.getBuiltinModule("node:zlib");
