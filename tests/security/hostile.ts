/**
 * Hostile neighbours for the tests of this folder: the program that attacks, and containers that run it. Every test
 * of this folder is named after its CVE, and `scripts/mutations.ts` shows that each can fail.
 */

import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "../fixtures/sources.ts";
import { Bundle, type Draft } from "../oci/bundle.ts";

/** `attack.c`, compiled once. */
export function attackProgram(): string {
  return compiled("attack.c", "attack", ["musl-gcc", "-static", "-O1"]);
}

/** Where the program is in a root that it was put into. */
export const attack = "/attack";

/** Compiled into build/security; a file appears complete or not at all. */
export function compiled(source: string, name: string, compiler: readonly string[]): string {
  const [from, folder] = [join(import.meta.dirname, source), join(checkout, "build/security")];
  const file = join(folder, name);
  if (existsSync(file) && statSync(file).mtimeMs >= statSync(from).mtimeMs) return file;
  mkdirSync(folder, { recursive: true });
  const draft = join(folder, `.${process.pid}-${name}`);
  const [program, ...flags] = compiler;
  execFileSync(
    program!,
    [
      ...flags,
      "-idirafter",
      "/usr/include",
      "-idirafter",
      "/usr/include/x86_64-linux-gnu",
      "-o",
      draft,
      from,
    ],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  renameSync(draft, file);
  return file;
}

/** What a container of Docker's may do. */
// biome-ignore format: a list
export const dockerCapabilities: readonly string[] = [
  "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
  "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
].map((name) => `CAP_${name}`);

/** A bundle with the attacking program in its root, root's usual capabilities and every device. */
export function hostileBundle(change: (config: Draft, bundle: Bundle) => void = () => {}): Bundle {
  const bundle = new Bundle();
  copyFileSync(attackProgram(), join(bundle.rootfs, attack));
  bundle.write((config) => {
    asDocker(config);
    change(config, bundle);
  });
  return bundle;
}

export function asDocker(config: Draft): void {
  const names = [...dockerCapabilities];
  config.process.capabilities = { bounding: names, effective: names, permitted: names };
  config.process.noNewPrivileges = false;
  config.linux.resources = { devices: [{ allow: true, access: "rwm" }] };
}

/** A container that shares a folder at /vol and exchanges two names in it as fast as it can. */
export function exchanger(folder: string, one: string, other: string): Bundle {
  const bundle = hostileBundle((config) => {
    config.mounts.push(bind(folder, "/vol"));
    config.process.args = [attack, "exchange", `/vol/${one}`, `/vol/${other}`];
  });
  bundle.start();
  return bundle;
}

export const bind = (source: string, destination: string, ...options: readonly string[]): Draft => ({
  destination,
  type: "bind",
  source,
  options: ["rbind", ...options],
});

/**
 * A folder in memory, where names are exchanged fastest, that containers share; `shared`: what is mounted in it in one
 * place is mounted in all.
 */
export function volume({ shared = false } = {}): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "volume-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "mode=755", "none", path]);
  execFileSync("mount", [shared ? "--make-shared" : "--make-private", path]);
  return {
    path,
    [Symbol.dispose]: () => {
      execFileSync("umount", ["--lazy", "--recursive", path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** In place of what the image has there. */
export function link(target: string, at: string): void {
  rmSync(at, { recursive: true, force: true });
  symlinkSync(target, at);
}

/** Puts a library that tells when it is loaded wherever a C library looks for one, with what it needs, and makes it look. */
export function trap(root: string): void {
  const library = compiled("evil.c", "libevil.so", ["gcc", "-shared", "-fPIC", "-O1"]);
  for (const folder of ["lib", "lib64", "usr/lib", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"]) {
    mkdirSync(join(root, folder), { recursive: true });
    for (const name of ["libnss_evil.so.2", "libnss_files.so.2", "libnss_dns.so.2", "libevil.so"])
      copyFileSync(library, join(root, folder, name));
    for (const name of ["libc.so.6", "ld-linux-x86-64.so.2"])
      copyFileSync(fileOf(name), join(root, folder, name));
  }
  writeFileSync(join(root, "etc/ld.so.preload"), "/lib/libevil.so\n");
  const services = ["passwd", "group", "shadow", "hosts"];
  writeFileSync(
    join(root, "etc/nsswitch.conf"),
    services.map((name) => `${name}: evil files dns\n`).join(""),
  );
}

/** A library as the compiler finds it. */
function fileOf(library: string): string {
  return execFileSync("gcc", [`-print-file-name=${library}`], { encoding: "utf8" }).trim();
}

/** Again and again for so many milliseconds and at least so often, also on a busy machine; not once it was `found`. */
export async function repeatedly(
  milliseconds: number,
  attempt: () => boolean | Promise<boolean>,
  atLeast = 12,
): Promise<void> {
  const end = performance.now() + milliseconds;
  for (let count = 0; count < atLeast || performance.now() < end; count++) if (await attempt()) return;
}
