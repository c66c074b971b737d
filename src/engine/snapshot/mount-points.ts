/** The directories and files that every container is mounted over (Docker's "init layer"). */

/** Files of the host's that are bound over the image's in /etc. */
export const networkFiles = ["hosts", "hostname", "resolv.conf"] as const;
export type NetworkFile = (typeof networkFiles)[number];

/** Each after the one it is in. */
export const mountPoints = {
  directories: ["dev", "dev/pts", "dev/shm", "dev/mqueue", "proc", "sys", "etc"],
  files: [...networkFiles.map((name) => `etc/${name}`), "dev/console"],
} as const satisfies Readonly<Record<string, readonly string[]>>;
