// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is patched is source text
/**
 * The guards that `make test-mutations` takes out, one at a time, and the tests that must then fail.
 *
 * `search` must occur exactly once in its file, so that a guard that moves takes this table along. Where a guard is
 * more than one, the patches of a mutation take out the set. `fails` are further CVEs that the same guard stops.
 */

export interface Patch {
  readonly file: string;
  readonly search: string;
  readonly replacement: string;
}

export interface Mutation {
  readonly cve: string;
  /** What is taken out. */
  readonly guard: string;
  readonly patches: readonly Patch[];
  readonly fails?: readonly string[];
}

const patch = (file: string, search: string, replacement: string): Patch => ({ file, search, replacement });

const consoleFile = "src/runtime/launch/console.ts";
const resolveFile = "src/image/files/resolve.ts";
const confine = "src/runtime/launch/confine.ts";
const procOfOurOwn = "[proc, file, F.O_WRONLY | F.O_CLOEXEC, 0]";
const anyProc =
  '[...(file.startsWith("self/") ? ([F.AT_FDCWD, `/proc/${file}`] as const) : ([proc, file] as const)), F.O_WRONLY | F.O_CLOEXEC, 0]';
const kernelTypes = 'new Set(["proc", "sysfs"])';

export const mutations: readonly Mutation[] = [
  {
    cve: "CVE-2016-9962",
    guard: "the executor is not dumpable",
    patches: [patch("native/main.c", "prctl(PR_SET_DUMPABLE, 0);", "")],
  },
  {
    // Each of the two is enough: of a path that leads out of the root there would be nothing to be found.
    cve: "CVE-2018-15664",
    guard: "the executor has but the container's files below its root, and resolves paths inside it",
    patches: [
      patch(
        "src/engine/enter.ts",
        "  pivot(p, slots.root);\n  confine(p, slots.root",
        '  p.call("open it", "openat", [slots.root, ".", F.O_RDONLY | F.O_DIRECTORY | F.O_CLOEXEC, 0], { slot: slots.root });\n' +
          "  if (p) return p.instructions;\n  confine(p, slots.root",
      ),
      patch(resolveFile, "F.RESOLVE_IN_ROOT | F.RESOLVE_NO_MAGICLINKS", "F.RESOLVE_NO_MAGICLINKS"),
      patch(resolveFile, "list.text(folder)", "list.text(`./${folder}`)"),
    ],
  },
  {
    cve: "CVE-2019-5736",
    guard: "the executor runs from a sealed copy in memory",
    patches: [
      patch("native/main.c", "if (argc < 3 || strcmp(argv[2], SEALED_MARK) != 0) {", "if (argc < 1) {"),
    ],
  },
  {
    // Two at a time: musl loads nothing, and the executor asks its C library for no names.
    cve: "CVE-2019-14271",
    guard: "the executor looks up no names, and its C library loads nothing",
    patches: [
      patch(
        "Makefile",
        "@musl-gcc -std=c17 -Os -static -flto -ffunction-sections -fdata-sections -Wl,--gc-sections -s $(warnings) \\\n\t  $(musl_flags)",
        "@gcc -std=c17 -Os -static $(warnings)",
      ),
      patch(
        "native/execute.c",
        "static int64_t system_call(const struct instruction *n) {",
        '#include <pwd.h>\nstatic int64_t system_call(const struct instruction *n) {\n  if (n->number == SYS_getcwd) (void)getpwnam("nobody");',
      ),
    ],
  },
  {
    cve: "CVE-2019-16884",
    guard: "what is written below /proc/self is written to a procfs of our own",
    patches: [patch(confine, procOfOurOwn, anyProc)],
    fails: ["CVE-2023-28642", "CVE-2025-52881"],
  },
  {
    cve: "CVE-2019-19921",
    guard: "procfs is mounted through no link",
    patches: [patch("src/runtime/launch/mounts.ts", kernelTypes, 'new Set(["sysfs"])')],
    fails: ["CVE-2023-27561"],
  },
  {
    cve: "CVE-2020-15257",
    guard: "the shim's socket has a path in a folder of root's",
    patches: [
      patch(
        "src/engine/container/shim-parts.ts",
        "[listen, unixAddress(`${directory}/${socketName}`), 110]",
        "[listen, unixAddress(`\\0${directory}/${socketName}`), 3 + `${directory}/${socketName}`.length]",
      ),
      patch("src/kernel/shim/dial.ts", "channel.connect(path)", "channel.connect(`\\0${path}`)"),
    ],
  },
  {
    cve: "CVE-2021-30465",
    guard: "targets are resolved inside the root, in one step",
    patches: [
      patch("src/runtime/launch/target.ts", "resolve: RESOLVE_IN_ROOT | refused,", "resolve: refused,"),
    ],
    fails: ["CVE-2024-45310"],
  },
  {
    // Three folders, each of which is enough to show a program to the host's users.
    cve: "CVE-2021-41091",
    guard: "only root may enter the folders of containers and volumes",
    patches: [
      patch(
        "src/engine/host.ts",
        "mkdirSync(directory, { recursive: true, mode: 0o700 });\n  chmodSync(directory, 0o700);",
        "mkdirSync(directory, { recursive: true, mode: 0o755 });\n  chmodSync(directory, 0o755);",
      ),
      patch(
        "src/engine/snapshot/overlay2/container.ts",
        "mkdirSync(directory, { recursive: true, mode: 0o700 });",
        "mkdirSync(directory, { recursive: true, mode: 0o755 });",
      ),
      patch(
        "src/engine/container/sources.ts",
        "recursive: true, mode: 0o700",
        "recursive: true, mode: 0o755",
      ),
    ],
  },
  {
    cve: "CVE-2021-43784",
    guard: "a netlink attribute that is too long is refused",
    patches: [patch("src/kernel/netlink/attribute.ts", "if (length > lengthMax)", "if (length < 0)")],
  },
  {
    cve: "CVE-2022-29162",
    guard: "a container has no inheritable capabilities",
    patches: [
      patch(
        "src/engine/container/runtime-config.ts",
        "permitted: names, inheritable: [], ambient: [] }",
        "permitted: names, inheritable: names, ambient: [] }",
      ),
    ],
  },
  {
    cve: "CVE-2022-29162",
    guard: "capabilities that `oci exec` adds are not inheritable",
    patches: [
      patch(
        "src/runtime/oci/exec.ts",
        "permitted: plus(sets.permitted),",
        "permitted: plus(sets.permitted),\n    inheritable: plus(sets.permitted),",
      ),
    ],
  },
  {
    cve: "CVE-2023-27561",
    guard: "a path that must have no link is resolved without one",
    patches: [
      patch("src/runtime/launch/target.ts", '? [RESOLVE_NO_SYMLINKS, "RESOLVE_NO_SYMLINKS"]', '? [0, ""]'),
    ],
    fails: ["CVE-2019-19921", "CVE-2023-28642"],
  },
  {
    cve: "CVE-2023-28642",
    guard: "sysfs is mounted through no link",
    patches: [patch("src/runtime/launch/mounts.ts", kernelTypes, 'new Set(["proc"])')],
  },
  {
    // Each of the two is enough: without fds there is no such folder, and a folder without a name is refused.
    cve: "CVE-2024-21626",
    guard: "fds are closed before the working directory is entered, and it must lie inside the root",
    patches: [
      patch(
        "src/runtime/launch/become.ts",
        "  closeAllBut(p, 3 + b.preserve, [3 + b.preserve, ...b.keep.map(({ fd }) => fd)]);\n",
        "",
      ),
      patch("src/runtime/launch/command.ts", '    check: { buffer: name, value: Buffer.from("/") },\n', ""),
    ],
  },
  {
    cve: "CVE-2024-45310",
    guard: "what is missing of a target is made by its name in an open folder",
    patches: [
      patch(
        "src/runtime/launch/target.ts",
        "make(p: ProgramBuilder, { kind, scratch, from }",
        "make(p: ProgramBuilder, { kind, root, from }",
      ),
      patch(
        "src/runtime/launch/target.ts",
        "[scratch, name, S_IFREG | 0o644, 0]",
        "[root, path, S_IFREG | 0o644, 0]",
      ),
      patch("src/runtime/launch/target.ts", "[scratch, name, 0o755]", "[root, path, 0o755]"),
    ],
  },
  {
    cve: "CVE-2025-31133",
    guard: "masked files are covered with the host's /dev/null, opened before the root is left",
    patches: [
      patch(
        "src/runtime/launch/masks.ts",
        '"take a /dev/null to cover it", "open_tree", [nothing, "", clone]',
        '"take a /dev/null to cover it", "open_tree", [F.AT_FDCWD, "/dev/null", M.OPEN_TREE_CLONE]',
      ),
    ],
  },
  {
    cve: "CVE-2025-52565",
    // A path is looked up within microseconds of the open; five milliseconds make the race one that is won in a test.
    guard: "the terminal is bound at /dev/console by its fd",
    patches: [
      patch(
        consoleFile,
        '[console.peer, "", M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC | F.AT_EMPTY_PATH]',
        '[c.root, "dev/pts/0", M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC]',
      ),
      patch(
        consoleFile,
        'openTarget(p, { root: c.root, path: "/dev/console"',
        'p.call("wait", "nanosleep", [u64(0, 5000000), 0]);\n  openTarget(p, { root: c.root, path: "/dev/console"',
      ),
    ],
  },
  {
    // As CVE-2019-16884 was mended elsewhere: by a look at the type of the file system.
    cve: "CVE-2025-52881",
    guard: "what is written below /proc is written to a procfs of our own, not to any that is mounted there",
    patches: [
      patch(
        confine,
        'p.call(`open /proc/${file}`, "openat", [proc, file, F.O_WRONLY | F.O_CLOEXEC, 0], { slot: scratch, from });',
        'p.call(`open /proc/${file}`, "openat", [F.AT_FDCWD, `/proc/${file}`, F.O_WRONLY | F.O_CLOEXEC, 0], { slot: scratch, from });\n' +
          "  const status = output(120);\n" +
          '  p.call("see that it is in a procfs", "fstatfs", [scratch, status], { from, check: { buffer: status, value: u64(0x9fa0) } });',
      ),
      patch(confine, "import { pointer, struct, u32, u64 }", "import { output, pointer, struct, u32, u64 }"),
      // Before /proc/sys is protected, as it has to be then.
      patch(
        "src/runtime/launch/child.ts",
        "    protectPaths(c);\n",
        "    setSysctls(c);\n    protectPaths(c);\n",
      ),
      patch("src/runtime/launch/child.ts", "  setSysctls(c);\n  p.append(", "  p.append("),
    ],
  },
];
