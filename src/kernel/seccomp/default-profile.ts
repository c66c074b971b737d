/**
 * The profile of a container that asks for none: the calls of Docker's default profile (moby/profiles seccomp
 * 0.2.3).
 *
 * What programs commonly need is allowed; what configures the host, or opens kernel code that programs seldom
 * use, needs the capability that belongs to it; the rest gets EPERM. It differs from Docker's in one place:
 * address families of socket(2) beyond 37 are named one by one. Docker's "greater than 40" also holds for
 * 2^32 + 40, which the kernel then cuts to the forbidden 40.
 */

import type { Seccomp, SeccompArg } from "../../spec/runtime/seccomp.ts";
import type { CapabilityName } from "../capabilities.ts";
import { type ConditionalProfile, type ProfileContext, resolveProfile } from "./conditional-profile.ts";

/** The default profile as it applies to a container with these capabilities on this host. */
export function defaultSeccompProfile(context: ProfileContext): Seccomp {
  return resolveProfile(profile, context);
}

/** By subject; a name that an architecture does not have is ignored there. */
const allowed: readonly string[] = words(`
  open openat openat2 creat close close_range dup dup2 dup3 fcntl fcntl64 flock ioctl
  read readv pread64 preadv preadv2 readahead write writev pwrite64 pwritev pwritev2 lseek _llseek
  sendfile sendfile64 copy_file_range splice tee vmsplice truncate truncate64 ftruncate ftruncate64
  fallocate fadvise64 fadvise64_64 sync syncfs fsync fdatasync sync_file_range
  stat stat64 lstat lstat64 fstat fstat64 newfstatat fstatat64 statx statfs statfs64 fstatfs fstatfs64
  access faccessat faccessat2 chdir fchdir getcwd getdents getdents64 mkdir mkdirat rmdir mknod mknodat
  link linkat symlink symlinkat readlink readlinkat rename renameat renameat2 unlink unlinkat umask
  chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat lchown lchown32
  utime utimes futimesat utimensat utimensat_time64 name_to_handle_at listmount statmount
  getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat
  listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat
  inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark pipe pipe2

  select _newselect pselect6 pselect6_time64 poll ppoll ppoll_time64 epoll_create epoll_create1 epoll_ctl
  epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd signalfd4
  io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64

  socketcall socketpair bind connect listen accept accept4 shutdown getsockname getpeername getsockopt
  setsockopt send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64

  brk mmap mmap2 munmap mremap mprotect msync madvise mincore mlock mlock2 mlockall munlock munlockall mseal
  remap_file_pages membarrier memfd_create memfd_secret map_shadow_stack cachestat
  pkey_alloc pkey_free pkey_mprotect

  ipc shmget shmat shmdt shmctl semget semop semtimedop semtimedop_time64 semctl msgget msgsnd msgrcv msgctl
  mq_open mq_unlink mq_timedsend mq_timedsend_time64 mq_timedreceive mq_timedreceive_time64 mq_notify
  mq_getsetattr

  fork vfork execve execveat exit exit_group wait4 waitid waitpid kill tkill tgkill getpid getppid gettid
  getpgid getpgrp setpgid getsid setsid pidfd_open pidfd_send_signal process_mrelease prctl rseq
  set_tid_address get_thread_area set_thread_area get_robust_list set_robust_list restart_syscall
  futex futex_time64 futex_wait futex_waitv futex_wake futex_requeue uretprobe
  getrlimit ugetrlimit setrlimit prlimit64 getrusage times uname sysinfo getrandom getcpu

  rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
  rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn pause

  getpriority setpriority ioprio_get ioprio_set sched_getaffinity sched_setaffinity sched_getattr
  sched_setattr sched_getparam sched_setparam sched_getscheduler sched_setscheduler sched_yield
  sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_rr_get_interval_time64

  time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_adjtime
  clock_adjtime64 adjtimex clock_nanosleep clock_nanosleep_time64 nanosleep alarm getitimer setitimer
  timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
  timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64

  getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid
  getresgid32 getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32
  setresuid setresuid32 setresgid setresgid32 setfsuid setfsuid32 setfsgid setfsgid32 setgroups setgroups32
  capget capset seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
`);

/** Allowed to a container whose bounding set has the capability. */
const allowedWith: Partial<Record<CapabilityName, string>> = {
  CAP_BPF: "bpf",
  CAP_DAC_READ_SEARCH: "open_by_handle_at",
  CAP_PERFMON: "perf_event_open",
  CAP_SYSLOG: "syslog",
  CAP_SYS_ADMIN:
    "clone clone3 unshare setns mount umount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount " +
    "fspick sethostname setdomainname quotactl quotactl_fd lsm_get_self_attr lsm_set_self_attr lsm_list_modules " +
    "bpf fanotify_init lookup_dcookie perf_event_open syslog",
  CAP_SYS_BOOT: "reboot",
  CAP_SYS_CHROOT: "chroot",
  CAP_SYS_MODULE: "init_module finit_module delete_module",
  CAP_SYS_NICE: "get_mempolicy set_mempolicy set_mempolicy_home_node mbind",
  CAP_SYS_PACCT: "acct",
  CAP_SYS_PTRACE: "ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd",
  CAP_SYS_RAWIO: "iopl ioperm",
  CAP_SYS_TIME: "settimeofday stime clock_settime clock_settime64",
  CAP_SYS_TTY_CONFIG: "vhangup",
};

const allow = "SCMP_ACT_ALLOW";
const enosys = 38;

/**
 * Families below AF_ALG (38), then all that Linux has but AF_VSOCK (40): both reach past the container's
 * walls.
 */
const firstAnyFamilies = 38;
const singleFamilies = [39, 41, 42, 43, 44, 45];
/**
 * The execution domains of Linux and Linux32, each with and without UNAME26, and the question which one it
 * is.
 */
const personalities = [0x0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff];
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET: clone(2) may make no namespace. */
const namespaceFlags = 0x7e02_0000;

const profile: ConditionalProfile = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: 1,
  archMap: [
    { architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
    { architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"] },
  ],
  syscalls: [
    { names: allowed, action: allow },
    // Before 4.8 a tracer could change a call after the filter had seen it.
    {
      names: ["ptrace", "process_vm_readv", "process_vm_writev"],
      action: allow,
      includes: { minKernel: [4, 8] },
    },
    { names: ["socket"], action: allow, args: [argument("LT", firstAnyFamilies)] },
    ...singleFamilies.map((family) => ({ names: ["socket"], action: allow, args: [argument("EQ", family)] })),
    ...personalities.map((domain) => ({
      names: ["personality"],
      action: allow,
      args: [argument("EQ", domain)],
    })),
    {
      names: words("arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls"),
      action: allow,
      includes: { arches: ["arm64"] },
    },
    { names: ["arch_prctl", "modify_ldt"], action: allow, includes: { arches: ["amd64"] } },
    ...Object.entries(allowedWith).map(([capability, names]) => ({
      names: words(names),
      action: allow,
      includes: { caps: [capability] },
    })),
    {
      names: ["clone"],
      action: allow,
      args: [argument("MASKED_EQ", namespaceFlags)],
      excludes: { caps: ["CAP_SYS_ADMIN"] },
    },
    // Its flags lie in memory, where no filter can look: C libraries fall back to clone.
    { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: enosys, excludes: { caps: ["CAP_SYS_ADMIN"] } },
  ],
};

/** A comparison of the first argument; MASKED_EQ with these bits all clear. */
function argument(operator: "LT" | "EQ" | "MASKED_EQ", value: number): SeccompArg {
  return { index: 0, value, valueTwo: 0, op: `SCMP_CMP_${operator}` };
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
