/** Where brig means to differ from Debian's docker (20.10): the line of the script, what differs, why, and who gains. */

export interface Difference {
  readonly line: string;
  /** What is not the same: exit code, stdout, the shape of stderr. */
  readonly in: readonly ("code" | "stdout" | "stderr")[];
  readonly reason: string;
  readonly better: "brig" | "docker" | "neither";
}

export const differences: readonly Difference[] = [
  {
    line: "d run --rm --dns 10.0.0.53 --dns-search example.org --dns-option ndots:2 busybox cat /etc/resolv.conf",
    in: ["stdout"],
    reason: "the order of lines is that of Docker 25 and later, name servers first; resolvers do not care",
    better: "neither",
  },
  {
    line: "d run --rm --device /nosuch busybox true",
    in: ["code"],
    reason:
      "127 says that the command was not found, and here it was never looked for; Docker 28 ends with 125",
    better: "brig",
  },
  {
    line: "d run --rm --privileged busybox sh -c 'ls /dev | grep -c . | test $(cat) -gt 20 && echo many devices'",
    in: ["code", "stdout", "stderr"],
    reason: "where the host itself lacks a capability brig warns and goes on; runc fails",
    better: "brig",
  },
  {
    line: "d run -d --name two -p 127.0.0.1:$PORT:80 busybox sleep 100",
    in: ["stdout"],
    reason:
      "a port that is taken is found before anything is made, so there is no container to tell the id of",
    better: "brig",
  },
  {
    line: "d rm two",
    in: ["code", "stdout", "stderr"],
    reason: "Docker leaves the container whose port was taken",
    better: "brig",
  },
  {
    line: "d run -d --name any -P --expose 80 busybox sleep 100; d port any | sed 's/:[0-9]*$/:N/'; d rm -f any",
    in: ["stdout"],
    reason:
      "brig reaches containers by the addresses they have, so that they see who calls, and they have none of IPv6; Docker has a process in between for that",
    better: "neither",
  },
  {
    line: "d update -m 64m other",
    in: ["code", "stdout", "stderr"],
    reason:
      "the container had no limit, so there is none of swap to be exceeded: it gets what `run -m 64m` would have given it",
    better: "brig",
  },
  {
    line: "d exec life nosuch",
    in: ["code", "stdout", "stderr"],
    reason:
      "127 and stderr, as for run and as shells have it (and Docker 28); Docker 20.10 prints it on stdout with 126",
    better: "brig",
  },
  {
    line: "d exec -u nosuch life true",
    in: ["stdout", "stderr"],
    reason: "a complaint of the engine belongs on stderr, not into the output of the command",
    better: "brig",
  },
  {
    line: "d volume create kept; d run --rm -v kept:/k:ro busybox true; d volume rm kept; sleep 1.1; d events --since 1h --until 0s --filter volume=kept --format '{{.Type}} {{.Action}} {{.Actor.ID}} {{.Actor.Attributes.driver}}'",
    in: ["stdout"],
    reason: "Docker tells that a volume was made which is there already, whenever a container asks for it",
    better: "brig",
  },
  {
    line: "d inspect -f '{{.Config.Nosuch}}' life",
    in: ["stdout"],
    reason: "Docker prints an empty line where there was nothing to print",
    better: "brig",
  },
  {
    line: "d create --name apart --userns private busybox true | grep -c .; d inspect -f '{{.HostConfig.UsernsMode}}' apart; d rm apart",
    in: ["code", "stdout", "stderr"],
    reason:
      "with Docker it is the daemon that gives all containers one user namespace or none; a container of brig's can have its own",
    better: "brig",
  },
];
