/**
 * Calls that 32-bit x86 also reaches through one number: socketcall(2) or ipc(2). The
 * first argument selects the call (<linux/net.h>, <linux/ipc.h>); the others lie in memory, where no filter
 * can look.
 */

export interface MultiplexedCall {
  readonly through: "socketcall" | "ipc";
  readonly selector: number;
  /** The bits of the first argument that select; ipc(2) keeps a version in the upper half. */
  readonly mask: number;
}

/** How else a call can be reached, or undefined when its own number is the only way. */
export function multiplexedCall(name: string): MultiplexedCall | undefined {
  return calls.get(name);
}

/** In the order of SYS_SOCKET = 1 … SYS_SENDMMSG = 20. */
const socketCalls =
  "socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown " +
  "setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg";

// biome-ignore format: a table
const ipcCalls = {
  semop: 1, semget: 2, semctl: 3, semtimedop: 4, msgsnd: 11, msgrcv: 12, msgget: 13, msgctl: 14,
  shmat: 21, shmdt: 22, shmget: 23, shmctl: 24,
};

const calls: ReadonlyMap<string, MultiplexedCall> = new Map<string, MultiplexedCall>([
  ...socketCalls
    .split(" ")
    .map((name, index) => [name, { through: "socketcall", selector: index + 1, mask: 0xffff_ffff }] as const),
  ...Object.entries(ipcCalls).map(
    ([name, selector]) => [name, { through: "ipc", selector, mask: 0xffff }] as const,
  ),
]);
