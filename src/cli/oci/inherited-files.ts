/**
 * Which of our files the command gets besides stdio: those asked for with `--preserve-fds`, and before them those that
 * a service manager passed on (sd_listen_fds(3)), which the command is told of as the manager told us.
 */

export interface InheritedFiles {
  readonly preserve: number;
  readonly env: readonly string[];
}

export function inheritedFiles(preserve: number, environment: NodeJS.ProcessEnv): InheritedFiles {
  const listening = Number.parseInt(environment.LISTEN_FDS ?? "", 10);
  if (!(listening > 0)) return { preserve, env: [] };
  // The command is process 1 of its container.
  return { preserve: preserve + listening, env: [`LISTEN_FDS=${listening}`, "LISTEN_PID=1"] };
}
