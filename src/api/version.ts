/** Versions of the Engine API that are spoken, as clients name them: `/v1.41/…`. */

import { BrigError } from "../base/errors.ts";

export interface ApiVersion {
  readonly major: number;
  readonly minor: number;
}

export const newest: ApiVersion = { major: 1, minor: 51 };
export const oldest: ApiVersion = { major: 1, minor: 24 };

export const formatVersion = ({ major, minor }: ApiVersion): string => `${major}.${minor}`;

/** Throws, in Docker's words, for one that is not spoken. */
export function checkVersion(version: ApiVersion): ApiVersion {
  if (isBefore(version, oldest))
    throw new BrigError(
      "invalid",
      `client version ${formatVersion(version)} is too old. Minimum supported API version is ${formatVersion(oldest)}, please upgrade your client to a newer version`,
    );
  if (isBefore(newest, version))
    throw new BrigError(
      "invalid",
      `client version ${formatVersion(version)} is too new. Maximum supported API version is ${formatVersion(newest)}`,
    );
  return version;
}

export function isBefore(a: ApiVersion, b: ApiVersion): boolean {
  return a.major < b.major || (a.major === b.major && a.minor < b.minor);
}
