/**
 * The keys that detach are watched for where they are typed, so that they are the same for every engine. An engine that
 * has none named watches for keys of its own: these are named, which nobody types.
 */
export const neverTyped = Array.from({ length: 16 }, () => "ctrl-@").join(",");
