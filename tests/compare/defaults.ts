/**
 * What is looked at in a container of each engine, under the names of SECURITY.md's table, and where brig means to
 * differ from Debian's docker. Nothing here is looser than in Docker 28, whose profile is that of brig.
 */

export interface Row {
  /** The first column of the table. */
  readonly name: string;
  /** Of `run`. */
  readonly options?: readonly string[];
  /** Prints what is compared, line by line. */
  readonly script: string;
  readonly needs?: "cgroup v1";
  readonly differences?: readonly {
    /** Lines that only one of them prints. */
    readonly brig?: readonly RegExp[];
    readonly docker?: readonly RegExp[];
    /** As SECURITY.md has it. */
    readonly reason: string;
  }[];
}

const status = "grep -E '^(Cap|NoNew|Seccomp|Uid|Gid|Groups)' /proc/self/status";
const mounts = (path: string) => `cut -d' ' -f2-4 /proc/mounts | grep -E '^${path} ' | sort`;

const masks =
  "/proc/acpi /proc/asound /proc/interrupts /proc/kcore /proc/keys /proc/latency_stats /proc/sched_debug /proc/scsi /proc/timer_list /proc/timer_stats /sys/firmware /sys/devices/virtual/powercap";

/** System calls by number on amd64; other architectures have the same from 424 on. */
const numbers = (...list: readonly number[]) => list.map((number) => new RegExp(`^${number} `));
const newer = [303, 310, 311, 329, 330, 331, 451, 452, 454, 455, 456, 457, 458, 462, 463, 464, 465, 466];

export const defaults: readonly Row[] = [
  {
    name: "namespaces",
    script: "for n in /proc/self/ns/*; do readlink $n; done",
    needs: "cgroup v1",
    differences: [
      {
        brig: [/^cgroup its own$/],
        docker: [/^cgroup the host's$/],
        reason: "the paths of the host's cgroups are nobody's business; Docker hides them on v2 only",
      },
    ],
  },
  { name: "capabilities", script: status },
  { name: "capabilities", options: ["-u", "1000"], script: status },
  { name: "capabilities", options: ["--cap-drop", "ALL", "--cap-add", "CHOWN"], script: status },
  { name: "no-new-privileges", options: ["--security-opt", "no-new-privileges"], script: status },
  { name: "seccomp", options: ["--security-opt", "seccomp=unconfined"], script: status },
  {
    name: "seccomp",
    script: "/probe calls",
    differences: [
      {
        brig: numbers(...newer),
        docker: numbers(...newer),
        reason:
          "the profile is that of Docker 28, which knows the calls of newer kernels, and lets a process look into another where the kernel checks that itself",
      },
      {
        brig: numbers(425, 426, 427),
        docker: numbers(425, 426, 427),
        reason: "`io_uring` is refused, as in Docker since 25",
      },
      {
        brig: [/^41 1$/, /^(?:450|459|460|461) 1$/],
        docker: [/^41 22$/, /^(?:450|459|460|461) 38$/],
        reason: "what is not allowed says EPERM also where Docker's libseccomp does not know the call",
      },
    ],
  },
  {
    name: "seccomp",
    script: "/probe sockets",
    differences: [
      {
        brig: [/^38$/, /^40$/, /^vsock in 64 bits refused$/],
        docker: [/^vsock in 64 bits goes to the kernel$/],
        reason: "no sockets of `AF_VSOCK`, in whatever disguise, and of `AF_ALG`",
      },
    ],
  },
  {
    name: "devices",
    options: ["-t"],
    script: `ls -l /dev /dev/pts /dev/shm /dev/mqueue | sed -E 's/ [A-Z][a-z]+ +[0-9]+ +[0-9:]+ / /'`,
  },
  {
    name: "device numbers",
    script: "cat /sys/fs/cgroup/devices/devices.list",
    needs: "cgroup v1",
    differences: [
      {
        docker: [/^c 10:200 rwm$/],
        reason: "no `/dev/net/tun`, as in runc since 1.2: whoever needs it gives it by `--device`",
      },
    ],
  },
  {
    name: "masked paths",
    script: `for p in ${masks}; do printf '%s ' $p; (ls -A $p; head -c 20 $p) 2>&1 | wc -c; done`,
    differences: [
      {
        brig: [/^\/proc\/interrupts 17$/],
        docker: [/^\/proc\/interrupts [1-9]\d$/],
        reason: "`/proc/interrupts` tells when somebody types; Docker masks it since 28",
      },
    ],
  },
  {
    name: "masked paths",
    script: mounts(`(${masks.replaceAll(" ", "|")})`),
    differences: [
      {
        brig: [
          /^\/(?:proc\/(?:acpi|asound|scsi)|sys\/\S+) tmpfs ro,nosuid,nodev,noexec,relatime,mode=555$/,
          /^\/proc\/(?:interrupts|keys|\w+) devtmpfs rw,relatime,mode=755$/,
        ],
        docker: [
          /^\/(?:proc\/(?:acpi|asound|scsi)|sys\/\S+) tmpfs ro,relatime$/,
          /^\/proc\/(?:keys|\w+) tmpfs rw,nosuid,size=65536k,mode=755$/,
        ],
        reason:
          "files are covered with the host's `/dev/null`, which a container cannot have exchanged, and folders with one empty one that is sealed",
      },
    ],
  },
  {
    name: "read-only paths",
    script:
      "for p in /proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger; do (echo > $p/x; echo > $p; mkdir $p/d) 2>&1 | cut -d: -f2-; done; true",
  },
  { name: "read-only paths", script: mounts("/proc/(bus|fs|irq|sys|sysrq-trigger)") },
  { name: "mounts", script: mounts("/(proc|sys|dev|dev/pts|dev/shm|dev/mqueue|dev/console)") },
  {
    name: "mounts",
    options: ["-t"],
    script: mounts("/(proc|sys|dev|dev/pts|dev/shm|dev/mqueue|dev/console)"),
  },
  {
    name: "mounts",
    script: mounts("/sys/fs/cgroup(/[a-z_,=]+)?"),
    needs: "cgroup v1",
    differences: [
      {
        brig: [/^\/sys\/fs\/cgroup tmpfs ro,nosuid,nodev,noexec,relatime,mode=755$/],
        docker: [/^\/sys\/fs\/cgroup tmpfs rw,nosuid,nodev,noexec,relatime,mode=755$/],
        reason: "the folder that the hierarchies are mounted in can be written by nobody",
      },
    ],
  },
  { name: "keyring", script: "/probe keyring" },
  {
    name: "keyring",
    options: ["--security-opt", "seccomp=unconfined"],
    script: "/probe keyring",
    differences: [
      {
        brig: [/^keyring;0;0;3f130000;ID$/],
        docker: [/^keyring;0;0;3f1b0000;_ses\.ID$/],
        reason: "other processes of the same user may not search it",
      },
    ],
  },
  {
    name: "sysctls",
    script:
      "cd /proc/sys; for f in net/ipv4/ip_unprivileged_port_start net/ipv4/ping_group_range net/ipv4/ip_forward kernel/msgmax; do echo $f $(cat $f); done",
  },
  {
    name: "process",
    script:
      "umask; cat /proc/self/oom_score_adj /proc/self/limits; ls /proc/self/fd | wc -l; id; pwd; env | grep -v HOSTNAME | sort",
  },
];
