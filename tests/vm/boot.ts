/**
 * One run of the machine, from its start to its end, with its console on ours. Bounded in time; it ends with us,
 * however we end, and leaves nothing: what it writes goes to files that QEMU has unlinked (snapshot=on).
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface BootOptions {
  readonly kernel: string;
  readonly initrd: string;
  /** vda, vdb, … */
  readonly disks: readonly string[];
  /** Of the kernel, besides those that every run has. */
  readonly parameters: readonly string[];
  readonly cpus: number;
  /** How long it may take. */
  readonly seconds: number;
}

/** Resolves with the exit code that `inside.sh` reports; 1 when the machine stopped without a word of it. */
export async function boot(options: BootOptions): Promise<number> {
  const command = ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", ...flags(options)];
  const machine = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  const interrupt = () => machine.kill("SIGKILL");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, interrupt);
  const timer = setTimeout(() => {
    console.error(`vm: stopped after ${options.seconds} s; LIMIT=SECONDS gives it more`);
    interrupt();
  }, options.seconds * 1000);
  const closed = once(machine, "close");
  let code: number | undefined;
  for await (const line of createInterface(machine.stdout)) {
    const text = line.replaceAll("\r", "");
    const end = /^vm: ended with (\d+)$/.exec(text);
    if (end) code = Number(end[1]);
    else if (!text.includes("reboot: Restarting system")) console.log(text);
  }
  await closed;
  clearTimeout(timer);
  if (code === undefined) console.error("vm: the machine stopped before its tests had ended");
  return code ?? 1;
}

function flags({ kernel, initrd, disks, parameters, cpus }: BootOptions): readonly string[] {
  // A kernel that panics, or is told to restart, ends QEMU. The interrupts of an emulated timer come late on a busy
  // host, which the kernel would take for a broken timer, or for a clock that cannot be trusted.
  const kernelFlags =
    "console=ttyS0 quiet loglevel=2 panic=-1 reboot=t nowatchdog no_timer_check tsc=reliable random.trust_cpu=on";
  return [
    ...[
      "-M",
      "q35",
      "-accel",
      "tcg,thread=multi,tb-size=512",
      "-cpu",
      "max",
      "-smp",
      String(cpus),
      "-m",
      "2G",
    ],
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio"],
    ...["-kernel", kernel, "-initrd", initrd, "-append", [kernelFlags, ...parameters].join(" ")],
    ...disks.flatMap((file, at) => [
      ...["-drive", `id=disk${at},file=${file},format=raw,if=none,snapshot=on,cache=unsafe,file.locking=off`],
      ...["-device", `virtio-blk-pci,drive=disk${at}`],
    ]),
  ];
}
