/**
 * Digests of what is at hand (FIPS 180-4). Streams are hashed by `node:crypto`, whose loading costs Bun more than all
 * the digests of a container's start.
 */

export type DigestAlgorithm = "sha256" | "sha512";

export function digestOf(algorithm: DigestAlgorithm, data: string | Uint8Array): Buffer {
  const { Bun: bun } = globalThis as { readonly Bun?: Bun };
  if (bun) return new bun.CryptoHasher(algorithm).update(data).digest();
  return process.getBuiltinModule("node:crypto").createHash(algorithm).update(data).digest();
}

export const sha256 = (data: string | Uint8Array): Buffer => digestOf("sha256", data);

/** As much of https://bun.sh/reference/bun/CryptoHasher as is used. */
interface Bun {
  readonly CryptoHasher: new (
    algorithm: DigestAlgorithm,
  ) => { update(data: string | Uint8Array): { digest(): Buffer } };
}
