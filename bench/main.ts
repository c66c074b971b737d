/**
 * `make bench`: measures brig beside Docker, Podman, crun and runc in one run and writes build/bench.json.
 *
 *   main.ts [WORD…]    only the cases whose names contain one of the words; "memory" and "api-memory" are two more
 *
 * Everything runs in one isolation (tests/fixtures/isolated.sh), brig included: the same network, mount and pid
 * namespaces for all sides, and nothing is left on the host.
 */

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { basename, join } from "node:path";
import { busyboxArchive, busyboxRoot, debianArchive } from "../tests/fixtures/images.ts";
import { type Isolation, isolate, podman, startDocker } from "../tests/fixtures/peers.ts";
import { checkout } from "../tests/fixtures/sources.ts";
import { apiCases, type ServiceSide } from "./api-cases.ts";
import { makeBundles } from "./bundle.ts";
import { cases } from "./cases.ts";
import {
  brigEngine,
  brigIsBuilt,
  brigRoot,
  brigRunRoot,
  cgroupOf,
  dockerEngine,
  type Engine,
  podmanEngine,
  runtimes,
} from "./engines.ts";
import { measure } from "./measure.ts";
import { type Memory, measureMemory } from "./memory.ts";
import {
  caseLines,
  caseRecord,
  memoryLines,
  memoryVerdicts,
  type Verdict,
  verdictLine,
  verdicts,
} from "./report.ts";
import { type IdleMemory, idleLine, idleVerdict, measureIdle, startService } from "./service.ts";

const folder = process.env["BRIG_BENCH_FOLDER"];
if (folder === undefined) await isolated();
else await inside(folder, process.argv.slice(2));

/** Starts this program again in an isolation, which takes back everything when it is left, by a signal too. */
async function isolated(): Promise<void> {
  await using isolation = await isolate((work) => [cgroupOf(work)]);
  const [program, ...args] = [...isolation.prefix, process.execPath, ...process.argv.slice(1)];
  const env = { ...process.env, BRIG_BENCH_FOLDER: isolation.folder };
  const again = spawn(program!, args, { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => again.kill("SIGKILL"));
  const [code] = await once(again, "exit");
  process.exitCode = code ?? 1;
}

async function inside(work: string, words: readonly string[]): Promise<void> {
  const isolation: Isolation = {
    prefix: [],
    folder: work,
    cgroup: `/${basename(work)}`,
    async [Symbol.asyncDispose]() {},
  };
  const docker = await startDocker(isolation);
  const theirs = dockerEngine(docker);
  const engines = [theirs, podmanEngine(podman(isolation), isolation.cgroup)];
  const ours = brigEngine(work);
  if (brigIsBuilt()) engines.unshift(ours);
  else console.log("bin/brig is not built; the others are measured alone");
  for (const engine of engines) loadBusybox(engine);

  const bare = runtimes(work).filter(({ command }) => existsSync(command[0]!));
  const sides = bare.map(({ side }) => side);
  const folders = [brigRoot(work), brigRunRoot];
  const table = cases({
    engines,
    runtimes: bare,
    bundle: makeBundles(work, docker.command, busyboxRoot(), isolation.cgroup, sides),
    archive: debianArchive(),
    archiveImage: "debian-nginx",
    tree: join(work, "tree"),
    database: join(brigRoot(work), "brig.db"),
    libraries: brigIsBuilt()
      ? [
          { side: "bun", program: join(checkout, "node_modules/@oven/bun-linux-x64/bin/bun"), folders },
          { side: "node", program: process.execPath, folders },
        ]
      : [],
  });
  const wanted = (name: string) => words.length === 0 || words.some((word) => name.includes(word));
  const dockerSocket = docker.command.at(-1)!.replace("unix://", "");
  const services = [{ side: "docker", socket: dockerSocket }] as ServiceSide[];
  const apiTable = () => apiCases(services).filter(({ name }) => wanted(name));
  const records: object[] = [];
  const promises: Verdict[] = [];
  let idle: IdleMemory | undefined;
  if (wanted("api-memory") && brigIsBuilt()) {
    idle = await measureIdle(ours, theirs, work);
    console.log(`${idleLine(idle)}\n${verdictLine(idleVerdict(idle))}\n`);
    promises.push(idleVerdict(idle));
  }
  if (brigIsBuilt() && apiTable().length > 0) {
    const { socket } = await startService(ours, work, "brig");
    services.unshift({ side: "brig", socket });
  }

  for (const subject of [...table.filter(({ name }) => wanted(name)), ...apiTable()]) {
    const outcomes = measure(subject, join(checkout, "build/bench-timer"), (round) => {
      if (process.stdout.isTTY)
        process.stdout.write(`\r${subject.name} ${round + 1}/${subject.runs} \x1b[K\r`);
    });
    console.log(`${caseLines(subject, outcomes).join("\n")}\n`);
    records.push(caseRecord(subject, outcomes));
    promises.push(...verdicts(subject, outcomes));
  }
  const memory: Memory[] = [];
  if (wanted("memory")) {
    for (const engine of engines) memory.push(await measureMemory(engine));
    console.log(`${memoryLines(memory).join("\n")}\n`);
    promises.push(...memoryVerdicts(memory));
  }

  const met = promises.filter((promise) => promise.met === true).length;
  const missed = promises.filter((promise) => promise.met === false).length;
  console.log(`targets: ${met} met, ${missed} missed, ${promises.length - met - missed} not measured`);
  const file = join(checkout, "build/bench.json");
  mkdirSync(join(checkout, "build"), { recursive: true });
  writeFileSync(
    file,
    `${JSON.stringify({ machine: machine(), cases: records, memory, idle }, undefined, 2)}\n`,
  );
  process.exit(); // dockerd, which the isolation ends, would keep the event loop alive
}

function loadBusybox(engine: Engine): void {
  const [program, ...args] = [...engine.command, "load", "--input", busyboxArchive()];
  const result = spawnSync(program!, args, { encoding: "utf8" });
  if (result.status !== 0) console.log(`${engine.side} cannot load the busybox image: ${result.stderr}`);
}

/** What the figures were measured on. */
function machine(): object {
  const version = (program: string, ...args: readonly string[]) =>
    execFileSync(program, args, { encoding: "utf8" }).split("\n")[0]!.trim();
  return {
    kernel: release(),
    processor: cpus()[0]?.model,
    cores: availableParallelism(),
    memory: totalmem(),
    docker: version("/usr/bin/docker", "--version"),
    podman: version("/usr/bin/podman", "--version"),
    crun: version("/usr/bin/crun", "--version"),
    runc: version("/usr/sbin/runc", "--version"),
  };
}
