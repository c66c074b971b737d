/** What is typed at Docker's own client for both services: all that brig's command line is asked, and what is of the API. */

import { type Chapter, script } from "./script.ts";

export const apiScript: readonly Chapter[] = [
  ...script,
  {
    title: "what only the API shows",
    lines: [
      "d version --format '{{.Server.Os}}'",
      "d info --format '{{.OSType}} {{.LoggingDriver}}'",
      "d run -d --name seen busybox sleep 100",
      "sleep 1; d events --since 1m --until 0s --filter container=seen --filter event=start --format '{{.Type}} {{.Action}}'",
      "d wait seen >waited & sleep 0.5; d kill seen; wait; cat waited; rm waited",
      "d attach --no-stdin nosuch",
      "d rm -f seen",
      "d create --name idle busybox true | wc -c; echo n | d container prune; echo y | d container prune",
      "echo n | d image prune -a",
      "echo n | d system prune -a --volumes --filter label=x",
      "d volume create free; d volume prune -f",
      "echo n | d volume prune; echo | d network prune",
      "d info | grep -E '^ +(Containers|Running|Swarm|Logging Driver)'",
    ],
  },
];

/** Commands that brig's own command line does not have yet. */
export const clientScript: readonly Chapter[] = [
  {
    title: "what only Docker's client asks for",
    lines: [
      "d node ls",
      "d service ls",
      "d swarm leave",
      "d plugin ls -q",
      "d plugin inspect nosuch",
      "d plugin disable nosuch",
      "d secret ls",
      "d config ls",
      "d node inspect self",
      "d network rm bridge",
      "d network rm nosuch",
      "d search nosuch",
    ],
  },
];
