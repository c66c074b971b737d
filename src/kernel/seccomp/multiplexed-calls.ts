/**
 * Calls that 32-bit x86 also reaches through one number: socketcall(2) since 1.0, ipc(2) since 0.99. The first
 * argument selects the call (<linux/net.h>, <linux/ipc.h>); the others lie in memory, where no filter can look.
 */

export interface MultiplexedCall {
  readonly through: "socketcall" | "ipc";
  readonly selector: number;
  /** The bits of the first argument that select; ipc(2) keeps a version in the upper half. */
  readonly mask: number;
}

/** How else a call can be reached, or undefined when its own number is the only way. */
export function multiplexedCall(name: string): MultiplexedCall | undefined {
  const socket = socketCalls.indexOf(name);
  if (socket !== -1) return { through: "socketcall", selector: socket + 1, mask: 0xffff_ffff };
  const ipc = ipcCalls.get(name);
  return ipc === undefined ? undefined : { through: "ipc", selector: ipc, mask: 0xffff };
}

/** In the order of SYS_SOCKET = 1 … SYS_SENDMMSG = 20. */
const socketCalls: readonly string[] = (
  "socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown " +
  "setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg"
).split(" ");

const ipcCalls: ReadonlyMap<string, number> = new Map([
  ["semop", 1],
  ["semget", 2],
  ["semctl", 3],
  ["semtimedop", 4],
  ["msgsnd", 11],
  ["msgrcv", 12],
  ["msgget", 13],
  ["msgctl", 14],
  ["shmat", 21],
  ["shmdt", 22],
  ["shmget", 23],
  ["shmctl", 24],
]);
