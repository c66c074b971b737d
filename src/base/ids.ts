/** Branded scalars: values that are all strings and must not be confused with each other. */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** 64 lower-case hexadecimal digits. */
export type ContainerId = Branded<"ContainerId">;
/** `algorithm:hex` (image-spec, descriptor.md#digests); brig accepts sha256 and sha512. */
export type Digest = Branded<"Digest">;
/** Absolute path on the host. */
export type HostPath = Branded<"HostPath">;
/** Absolute path inside a container's root; never to be opened from the host without RESOLVE_IN_ROOT. */
export type ContainerPath = Branded<"ContainerPath">;

/** Digits that Docker shows of an id where `--no-trunc` is not given. */
export const shortIdLength = 12;

/** A new container id from 32 random bytes. */
export function containerId(random: (size: number) => Uint8Array): ContainerId {
  return Buffer.from(random(32)).toString("hex") as ContainerId;
}

const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** The text as a digest, or undefined when it is not one that brig can verify. */
export function parseDigest(text: string): Digest | undefined {
  return digestPattern.test(text) ? (text as Digest) : undefined;
}
