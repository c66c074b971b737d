/**
 * Real processes in real cgroups, for one test: everything is under a cgroup named brig-test-PID in every hierarchy, and
 * goes with the test, whatever happens in it.
 */

import type { HostPath } from "../../../base/ids.ts";
import type { Resources } from "../../../spec/runtime/resources.ts";
import { Executor } from "../../executor/executor.ts";
import { output, vector } from "../../program/argument.ts";
import { ProgramBuilder } from "../../program/builder.ts";
import type { Instruction } from "../../program/instruction.ts";
import type { Cgroup } from "../cgroup.ts";
import { type CgroupProgram, type CompileOptions, compileCgroup } from "../compile.ts";
import type { CgroupHierarchy } from "../hierarchy.ts";
import type { JoinLists } from "../launch/join.ts";
import { removeCgroup } from "../live/remove.ts";
import { parseCgroupsPath, placeCgroup } from "../path.ts";
import { kernelHas, readDelegation, readHierarchy } from "../read-hierarchy.ts";

const shim = (process.env.BRIG_SHIM ??
  new URL("../../../../bin/brig-shim", import.meta.url).pathname) as HostPath;

export interface Started extends CgroupProgram {
  readonly pid: number;
}

export interface StartOptions extends Partial<CompileOptions> {
  readonly resources?: Resources;
  readonly flags?: bigint;
  /** What the child does before it executes its command. */
  readonly before?: readonly Instruction[];
}

export class Processes implements AsyncDisposable {
  readonly executor = Executor.start({ shim });
  readonly hierarchy: CgroupHierarchy;
  readonly #parent = `/brig-test-${process.pid}`;

  /**
   * `keep` chooses hierarchies of the host: those of v1, the v2 tree alone. Of the v2 tree's controllers only those in
   * `pass` are known: where it is alone all that are known are passed on, for the whole host and beyond the test.
   */
  constructor(
    keep: (tree: CgroupHierarchy["trees"][number]) => boolean = () => true,
    pass: readonly string[] = [],
  ) {
    const { mode, trees } = readHierarchy();
    const known = ({ version, controllers }: CgroupHierarchy["trees"][number]) =>
      version === 1 ? controllers : controllers.filter((name) => pass.includes(name));
    const kept = trees.filter(keep).map((tree) => ({ ...tree, controllers: known(tree) }));
    const versions = new Set(kept.map((tree) => tree.version));
    this.hierarchy = { mode: versions.size === 2 ? mode : versions.has(2) ? "v2" : "v1", trees: kept };
  }

  place(name = ""): Cgroup {
    const path = `${this.#parent}/${name}`;
    return placeCgroup(this.hierarchy, parseCgroupsPath(path, { id: "unused", driver: "cgroupfs" }));
  }

  async start(cgroup: Cgroup, command: readonly string[], options: StartOptions = {}): Promise<Started> {
    const program = compileCgroup({
      cgroup,
      resources: undefined,
      slots: this.executor.slots,
      kernel: [6, 18],
      delegated: readDelegation(cgroup),
      kernelHas,
      ...options,
    });
    const pid = await this.join(program.create, program, command, options);
    return { ...program, pid };
  }

  /** Runs a command in a cgroup that `open` opens; resolves when it is executed, rejects when that fails. */
  async join(
    open: readonly Instruction[],
    lists: JoinLists,
    command: readonly string[],
    options: StartOptions = {},
  ): Promise<number> {
    const [parent, child] = [new ProgramBuilder(), new ProgramBuilder()];
    const [ours, theirs] = [this.executor.slots.slot("ours"), this.executor.slots.slot("theirs")];
    const [path] = command;
    child.close(ours);
    child.append(lists.join);
    child.append(options.before ?? []);
    child.call(`execute ${path}`, "execve", [path!, vector(command), vector(["PATH=/usr/bin:/bin"])]);
    parent.append(open);
    parent.socketPair("pair", { into: output(8), first: ours, second: theirs });
    parent.clone("make a process", {
      flags: options.flags ?? 0n,
      role: "process",
      child: child.instructions,
      ...(lists.bornIn ? { cgroup: lists.bornIn } : {}),
    });
    parent.append(lists.release);
    parent.close(theirs);
    parent.call("wait for the process to execute its command", "read", [ours, output(1), 1]);
    parent.close(ours);
    const { answers } = await this.executor.run(parent.instructions);
    return answers.find((a) => a.instruction.kind === "clone")!.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeCgroup(this.place());
    this.executor.close();
  }
}

/** Looks until it is so, for two seconds; longer on a machine that BRIG_TEST_PATIENCE calls so many times slower. */
export async function until(what: () => boolean): Promise<void> {
  const looks = 400 * Number(process.env.BRIG_TEST_PATIENCE ?? 1);
  for (let i = 0; i < looks && !what(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  if (!what()) throw new Error(`not within two seconds: ${what}`);
}
