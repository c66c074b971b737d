/** The end of a process as waitid(2) tells it in a siginfo_t. */

const codeAt = 8;
const statusAt = 24;
const CLD_EXITED = 1;

/** Exit code as a shell has it: 0 … 255, or 128 + the signal's number. */
export function exitCodeOf(siginfo: Buffer): number {
  const status = siginfo.readInt32LE(statusAt);
  return siginfo.readInt32LE(codeAt) === CLD_EXITED ? status : 128 + status;
}
