/**
 * What unpacking needs of a jail: a place from which nothing outside one folder can be reached.
 *
 * The planner (plan.ts) sends operations; a jail carries them out in their order. Paths are relative to the folder
 * and clean: no leading slash, no empty, `.` or `..` component; `.` alone is the folder itself. Every parent is a
 * directory that an earlier operation made. The jail all the same resolves each path beneath its root and without
 * following symbolic links, so that a fault of the planner cannot become an escape.
 */

import type { HostPath } from "../../base/ids.ts";
import type { ByteString } from "../tar/byte-string.ts";
import type { DeviceNumber, Timestamp } from "../tar/entry.ts";

export interface Ownership {
  readonly uid: number;
  readonly gid: number;
  /** 0 to 0o7777. */
  readonly mode: number;
}

export interface Xattr {
  readonly name: ByteString;
  readonly value: Uint8Array;
  /** Whether the layer is wrong without it; otherwise a file system that cannot store it (ENOTSUP) is forgiven. */
  readonly required: boolean;
}

export interface Times {
  readonly atime: Timestamp;
  readonly mtime: Timestamp;
}

/** Set in the order of the fields: chown(2) clears set-id bits and capabilities, any change the times. */
export interface Attributes {
  readonly owner: Ownership;
  readonly xattrs: readonly Xattr[];
  readonly times: Times;
}

export type Operation =
  /** Makes a directory; nothing is there. */
  | { readonly kind: "directory"; readonly path: ByteString; readonly owner: Ownership }
  /** Makes an empty file, to which `data` goes until `seal`; nothing is there. */
  | { readonly kind: "file"; readonly path: ByteString }
  /** Content of the file that is open. Offsets ascend; what is left out is a hole. */
  | { readonly kind: "data"; readonly offset: number; readonly bytes: Uint8Array }
  /** Gives the open file its size and attributes, and closes it. */
  | {
      readonly kind: "seal";
      readonly path: ByteString;
      readonly size: number;
      readonly attributes: Attributes;
    }
  /** Makes another name for `target`, which is no directory; a symbolic link is not followed. */
  | { readonly kind: "hard-link"; readonly path: ByteString; readonly target: ByteString }
  /** Makes a symbolic link; its mode means nothing. */
  | {
      readonly kind: "symbolic-link";
      readonly path: ByteString;
      readonly target: ByteString;
      readonly attributes: Attributes;
    }
  | {
      readonly kind: "node";
      readonly path: ByteString;
      readonly type: "fifo" | "character-device" | "block-device";
      readonly device: DeviceNumber;
      readonly attributes: Attributes;
    }
  /** Sets owner and mode of what is there and is no symbolic link. */
  | { readonly kind: "ownership"; readonly path: ByteString; readonly owner: Ownership }
  /** Sets extended attributes and, where given, the times of what is there and is no symbolic link. */
  | {
      readonly kind: "finish";
      readonly path: ByteString;
      readonly xattrs: readonly Xattr[];
      readonly times?: Times | undefined;
    }
  /** Removes what is there, with everything beneath it; mounts are not crossed. */
  | { readonly kind: "remove"; readonly path: ByteString };

export interface Jail {
  /**
   * Hands over operations. Resolves when the jail takes more, which may be before they are done; bytes belong to
   * the jail from then on. A failure rejects this call or a later one, as a `BrigError`.
   */
  run(operations: readonly Operation[]): Promise<void>;

  /** Resolves when everything handed over is done; rejects with the first failure. */
  settle(): Promise<void>;

  /** Ends the jail, whatever state it is in; what it has made stays. */
  close(): Promise<void>;
}

/** A jail around a folder that exists. */
export type OpenJail = (folder: HostPath) => Promise<Jail>;
