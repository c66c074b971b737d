/** The cases and their targets. A target that is missed is reported, not hidden; none of them fails the run. */

import { join } from "node:path";
import type { Case, Command, Way } from "./case.ts";
import { type Engine, type Network, type Runtime, run, type Side } from "./engines.ts";

/** What the cases are made of. */
export interface Ground {
  readonly engines: readonly Engine[];
  readonly runtimes: readonly Runtime[];
  /** An OCI bundle whose process is `true`, see bundle.ts. */
  readonly bundle: string;
  /** An image archive of 187 MB in one gzip layer, and the name of the image in it. */
  readonly archive: string;
  readonly archiveImage: string;
  /** Where the tree of 1 GB in 20,000 files is made when a case needs it, and brig's database. */
  readonly tree: string;
  readonly database: string;
  /** Programs that run bench/library.ts, and the state it works on. */
  readonly libraries: readonly { readonly side: Side; readonly program: string; readonly folders: Command }[];
}

const image = "busybox";
const name = "bench";
/** Goes on until it is told to end: Podman's `rm --force` asks first and kills ten seconds later. */
const forever: Command = ["sh", "-c", "trap exit TERM; sleep 100000 & wait"];

export function cases(ground: Ground): readonly Case[] {
  const perEngine = (way: (engine: Engine) => Way): Case["ways"] =>
    Object.fromEntries(ground.engines.map((engine) => [engine.side, way(engine)]));
  const only = (sides: readonly Side[], ways: Case["ways"]): Case["ways"] =>
    Object.fromEntries(Object.entries(ways).filter(([side]) => sides.includes(side as Side)));
  const oci = Object.fromEntries(
    ground.runtimes.map((runtime) => [runtime.side, ociRun(runtime, ground.bundle)]),
  );
  const crun = only(["crun"], oci);
  const runAndRemove = (network: Network) =>
    perEngine((engine) => ({ measured: run(engine, network, "--rm", image, "true") }));

  return [
    {
      name: "run-bridge",
      title: "run --rm on the bridge network",
      runs: 50,
      ways: { ...runAndRemove("bridge"), ...crun },
      targets: [
        { against: "docker", atMost: 1 / 10 },
        { against: "podman", atMost: 1 / 10 },
        { against: "crun", atMost: 3 },
      ],
    },
    {
      name: "run-none",
      title: "run --rm without network",
      runs: 50,
      ways: { ...runAndRemove("none"), ...crun },
      targets: [{ against: "crun", atMost: 2.2 }],
    },
    {
      name: "run-host",
      title: "run --rm on the host's network",
      runs: 50,
      ways: runAndRemove("host"),
      targets: [],
    },
    {
      name: "run-detached",
      title: "run -d on the bridge network",
      runs: 50,
      ways: perEngine((engine) => ({ measured: sleeper(engine, "-d"), after: [remove(engine, name)] })),
      targets: [],
    },
    {
      name: "first-byte",
      title: "run on the bridge network until the first byte of output",
      runs: 50,
      firstByte: true,
      ways: perEngine((engine) => ({ measured: run(engine, "bridge", "--rm", image, "echo", "here") })),
      targets: [],
    },
    {
      name: "exec",
      title: "exec true in a running container",
      runs: 50,
      ways: perEngine((engine) => ({
        setup: [sleeper(engine, "-d")],
        measured: [...engine.command, "exec", name, "true"],
        teardown: [remove(engine, name)],
      })),
      targets: [{ against: "docker", atMost: 1 / 3 }],
    },
    {
      name: "remove",
      title: "rm --force of a running container",
      runs: 20,
      ways: perEngine((engine) => ({ before: [sleeper(engine, "-d")], measured: remove(engine, name) })),
      targets: [],
    },
    {
      name: "thirty",
      title: "30 containers with run -d, one after another",
      runs: 3,
      times: 30,
      ways: perEngine(thirty),
      targets: [],
    },
    {
      name: "eight-at-once",
      title: "30 containers with run -d, 8 at a time",
      runs: 3,
      times: 30,
      parallel: 8,
      ways: perEngine(thirty),
      targets: [],
    },
    {
      name: "oci",
      title: "OCI runtime: run of one bundle (namespaces, limits and seccomp from Docker's own config)",
      runs: 100,
      ways: oci,
      targets: [
        { against: "crun", atMost: 2 },
        { against: "runc", atMost: 1 },
      ],
    },
    {
      name: "library",
      title: "library: start, wait and remove a container without a command line",
      runs: 50,
      reports: true,
      ways: Object.fromEntries(
        ground.libraries.map(({ side, program, folders }) => {
          const script = join(import.meta.dirname, "library.ts");
          return [side, { measured: [program, script, ...folders, "50"] }];
        }),
      ),
      targets: [
        { side: "bun", atMost: 10 },
        { side: "node", atMost: 10 },
      ],
    },
    {
      name: "load",
      title: "load an image of 187 MB from an archive (one gzip layer)",
      runs: 3,
      ways: perEngine((engine) => ({
        measured: [...engine.command, "load", "--input", ground.archive],
        after: [[...engine.command, "rmi", ground.archiveImage]],
      })),
      targets: [{ against: "docker", atMost: 1 / 3 }],
    },
    {
      name: "cp-in",
      title: "cp of a tree of 1 GB in 20,000 files into a container",
      runs: 3,
      ways: perEngine((engine) => ({
        setup: [makeTree(ground.tree)],
        before: [create(engine), ["sync"]],
        measured: [...engine.command, "cp", ground.tree, `${name}:/`],
        after: [remove(engine, name)],
      })),
      targets: [{ against: "docker", atMost: 1 }],
    },
    {
      name: "cp-out",
      title: "cp of the same tree out of a container",
      runs: 3,
      ways: perEngine((engine) => {
        const copy = `${ground.tree}-of-${engine.side}`;
        return {
          setup: [
            makeTree(ground.tree),
            create(engine),
            [...engine.command, "cp", ground.tree, `${name}:/tree`],
          ],
          before: [["sync"]],
          measured: [...engine.command, "cp", `${name}:/tree`, copy],
          after: [["rm", "-rf", copy]],
          teardown: [remove(engine, name)],
        };
      }),
      targets: [{ against: "docker", atMost: 1 }],
    },
    {
      name: "ps",
      title: "ps --all of 2,000 containers (rows of the database)",
      runs: 30,
      ways: only(
        ["brig"],
        perEngine((engine) => ({
          setup: [create(engine), rows(ground.database, 2000)],
          measured: [...engine.command, "ps", "--all"],
          teardown: [rows(ground.database, 0), remove(engine, name)],
        })),
      ),
      targets: [{ atMost: 60 }],
    },
  ];
}

function create(engine: Engine): Command {
  return [...engine.command, "create", "--name", name, image, "true"];
}

function makeTree(folder: string): Command {
  return [process.execPath, join(import.meta.dirname, "tree.ts"), folder];
}

function rows(database: string, count: number): Command {
  return [process.execPath, "--no-warnings", join(import.meta.dirname, "rows.ts"), database, String(count)];
}

function sleeper(engine: Engine, ...flags: readonly string[]): Command {
  return run(engine, "bridge", ...flags, "--name", name, image, ...forever);
}

function remove(engine: Engine, ...containers: readonly string[]): Command {
  return [...engine.command, "rm", "--force", ...containers];
}

function thirty(engine: Engine): Way {
  const names = Array.from({ length: 30 }, (_, number) => `${name}-${number}`);
  return {
    measured: run(engine, "bridge", "-d", "--name", `${name}-{}`, image, ...forever),
    after: [remove(engine, ...names)],
  };
}

function ociRun(runtime: Runtime, bundle: string): Way {
  return {
    measured: [...runtime.command, "run", "--bundle", join(bundle, runtime.side), `${name}-${runtime.side}`],
  };
}
