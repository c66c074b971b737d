/** Where brig's service means to differ from Debian's dockerd (20.10): requests, fields, the reason, and who gains. */

import type { Difference } from "./difference.ts";
import { messageDifferences } from "./message-differences.ts";

const all = ["*"];
/** What a container or an image is, alone or in lists. */
const inspections = ["GET /containers/*json*"];
const lists = ["GET /containers/json*"];
const images = ["GET /images/*json*"];

const heads: readonly Difference[] = [
  {
    requests: all,
    fields: ["header connection", "header keep-alive"],
    reason: "both leave the connection open; brig says for how long, which HTTP/1.1 need not",
    better: "brig",
  },
  {
    requests: all,
    fields: ["header docker-experimental", "header ostype"],
    reason: "brig names itself in every answer, Docker not in all errors, and only where exec is hijacked",
    better: "neither",
  },
  {
    requests: ["*/_ping*"],
    fields: ["header builder-version", "header swarm"],
    reason: "as Docker has them since API 1.42: there is no builder, and no swarm",
    better: "brig",
  },
  {
    requests: ["GET /containers/*/logs*", "GET /containers/*/stats*"],
    fields: ["header content-type"],
    reason: "the type of the stream is told, as by Docker since API 1.42",
    better: "brig",
  },
];

const routing: readonly Difference[] = [
  {
    requests: ["* v1.999"],
    fields: ["body.message"],
    reason: "the message names the newest version: each has its own",
    better: "neither",
  },
  {
    requests: ["* v1.11", "* v1.2.3"],
    fields: [
      "status",
      "header content-type",
      "header x-content-type-options",
      "framing",
      "line ends",
      "body",
      "body.message",
    ],
    reason: "errors are JSON in every version here; Docker uses text for versions that it does not speak",
    better: "brig",
  },
  {
    requests: [
      "POST /_ping",
      "DELETE /info",
      "PATCH /containers/json",
      "OPTIONS /info",
      "DELETE /swarm",
      "GET /containers/talks/attach",
      "POST /tasks/create",
    ],
    fields: ["status", "header *", "framing", "line ends", "body", "body.message"],
    reason: "405 says that the path is right and the method is not",
    better: "brig",
  },
  {
    requests: [
      "GET //info",
      "GET /containers/a/../json",
      "GET /containers/..%2f..%2fetc/json",
      "GET /volumes/..%2fone",
    ],
    fields: ["status", "header *", "framing", "line ends", "body", "body.message"],
    reason: "no path is rewritten: `..` in a name is a name that does not exist, not another request",
    better: "brig",
  },
];

const system: readonly Difference[] = [
  {
    requests: ["* /openapi.json*"],
    fields: ["*"],
    reason: "Docker does not serve the description of its API",
    better: "brig",
  },
  {
    requests: ["GET /version*"],
    fields: ["body.*"],
    reason: "what an engine is made of, and when that was built, is its own",
    better: "neither",
  },
  {
    requests: ["GET /info*"],
    fields: [
      "body.ContainerdCommit.*",
      "body.RuncCommit.*",
      "body.InitCommit.*",
      "body.Runtimes.*",
      "body.RegistryConfig.IndexConfigs*",
      "body.Root",
      "body.RunRoot",
      "body.ExecutionDriver",
    ],
    reason: "there is no containerd, no runc and no registry here; brig tells where its roots are",
    better: "neither",
  },
  {
    requests: ["POST /auth*"],
    fields: ["status"],
    reason: "registries are not supported yet",
    better: "docker",
  },
  {
    requests: [
      "GET /images/search*",
      "GET /distribution/*",
      "POST /images/nosuch/push*",
      "POST /build*",
      "POST /session*",
      "POST /grpc*",
      "POST /commit*",
      "POST /networks/create *",
      "POST /networks/nosuch/*",
      "POST /networks/create?*",
    ],
    fields: ["status", "header *", "framing", "line ends", "ended", "body", "body.*", "body#*"],
    reason: "what is not supported yet is 501 and says so",
    better: "docker",
  },
  {
    requests: ["POST */prune*", "GET /system/df*"],
    fields: ["status", "body", "body.*", "framing", "line ends", "header content-type"],
    reason:
      "filters that are none are errors of the request; of images there is all that lists tell, and sizes are told where they are 0",
    better: "brig",
  },
  {
    requests: ["POST /volumes/create*", "GET /volumes*"],
    fields: ["body*Labels.com.docker.volume.anonymous"],
    reason: "a volume that nobody has named says so, as with Docker 23 and later: `prune` goes by it",
    better: "brig",
  },
  {
    requests: ["GET /containers/*/attach/ws*"],
    fields: ["header *", "framing", "line ends", "ended", "body", "body.*"],
    reason: "an error is JSON here, whatever was asked for",
    better: "brig",
  },
  {
    requests: ["GET /events*"],
    fields: ["status", "framing", "line ends", "header content-type", "body", "ended"],
    reason: "a filter that does not exist, and what is no time, are errors of the request, told at once",
    better: "brig",
  },
];

const requestErrors: readonly Difference[] = [
  {
    requests: ["GET *filters=*", "GET /containers/json?limit=x", "GET /swarm*", "GET /plugins*"],
    fields: ["status", "body", "body.message", "framing", "line ends"],
    reason:
      "what a client did wrong is 400, or 404 for a container that a filter names; Docker says 500 to some",
    better: "brig",
  },
  {
    requests: [
      "POST /containers/life/unpause",
      "POST /containers/life/stop?t=x",
      "POST /containers/life/restart?t=x",
    ],
    fields: ["status", "framing", "header content-type", "line ends", "body", "body.message"],
    reason: "what the state forbids is 409, and what is no number 400; Docker says 500",
    better: "brig",
  },
  {
    requests: ["POST *resize*"],
    fields: ["status", "body", "body.message", "framing", "line ends", "header content-type"],
    reason: "what is no size is an error of the request; a command that has ended is still known",
    better: "brig",
  },
  {
    requests: ["POST /images/create*", "POST /images/load*"],
    fields: ["status", "line ends", "body.error", "body.errorDetail.message", "body.message"],
    reason:
      "an archive that is none is an error with a status, not a message in an answer that says 200, or 500",
    better: "brig",
  },
  {
    requests: [
      "POST /containers/create",
      'POST * "{"',
      'POST * "[*]"',
      "POST /containers/no-user/start",
      "POST /containers/no-device/start",
      "POST /containers/limited/update",
      "POST /containers/runs/exec *",
      "POST /images/busybox/tag*",
      "GET /containers/runs/top*",
      "GET /containers/wrote/logs*",
      "GET /containers/files/archive*",
      "PUT /containers/files/archive*",
      "DELETE /containers/taken?link=1",
    ],
    fields: ["status"],
    reason:
      "what a client did wrong, or asks of what is not there, is no failure of the service; Docker says 500 to some",
    better: "brig",
  },
  {
    requests: ["POST /containers/create* {*"],
    fields: ["status", "body.Id", "body.Warnings*", "body.message"],
    reason:
      "modes, containers and mounts that do not exist are refused before anything is made; warnings are each engine's own; a bind's source is looked for at the start",
    better: "neither",
  },
  {
    requests: ["POST /swarm/join*", "POST /swarm/init*", "POST /swarm/update*", "POST /swarm/unlock*"],
    fields: ["status", "body.message"],
    reason: "there is no swarm to be in, whatever the request says",
    better: "neither",
  },
  {
    requests: ["POST /networks*", "GET /networks*"],
    fields: ["status"],
    reason: "a filter that is none is an error of the request",
    better: "brig",
  },
];

const containers: readonly Difference[] = [
  {
    requests: [...inspections],
    fields: ["body*HostConfig.NetworkMode"],
    reason:
      "the network has its name, as in Docker 26 and later; before, `default` stayed what it was called",
    better: "brig",
  },
  {
    requests: inspections,
    fields: ["body*GraphDriver.Data*"],
    reason: "a root is mounted in its container alone, so there is no merged folder on the host",
    better: "neither",
  },
  {
    requests: inspections,
    fields: ["body.HostConfig.CgroupnsMode"],
    reason: "a container sees its own cgroups alone, also on hosts with v1",
    better: "brig",
  },
  {
    requests: inspections,
    fields: ["body.HostConfig.MaskedPaths*"],
    reason: "what Docker 28 masks, in its order",
    better: "brig",
  },
  {
    requests: inspections,
    fields: [
      "body.HostConfig.PortBindings",
      "body.HostConfig.Dns*",
      "body.HostConfig.BlkioWeightDevice",
      "body.HostConfig.Devices",
      "body.HostConfig.Ulimits",
      "body.HostConfig.RestartPolicy.Name",
    ],
    reason:
      "what was not said is empty, as for a container of the command line, and `no` restarts; Docker echoes null",
    better: "brig",
  },
  {
    requests: inspections,
    fields: ["body.HostConfig.Runtime"],
    reason: "the runtime has its own name",
    better: "neither",
  },
  {
    requests: inspections,
    fields: ["body.ResolvConfPath", "body.HostnamePath", "body.HostsPath", "body.LogPath"],
    reason: "the files have their places before the container has run; the log is no file of JSON",
    better: "neither",
  },
  {
    requests: inspections,
    fields: ["body.NetworkSettings.SandboxID", "body.NetworkSettings.SandboxKey"],
    reason: "a network namespace is a running container's, and is found at its process",
    better: "neither",
  },
  {
    requests: ["GET /containers/full/json"],
    fields: [
      "body.HostConfig.SecurityOpt*",
      "body.HostConfig.Tmpfs*",
      "body.HostConfig.Mounts*",
      "body.Config.Env*",
      "body.Mounts*",
    ],
    reason:
      "brig tells what it understood, in one form: mounts in memory are in Mounts, a variable without a value is none, labels of SELinux are not added",
    better: "neither",
  },
  {
    requests: inspections,
    fields: ["body*Mounts*.Source", "body*Mounts*.Mode", "body*Mounts*.Propagation", "body*Mounts*.Name"],
    reason: "volumes have their own folders; no mode or propagation is added that nobody asked for",
    better: "neither",
  },
  {
    requests: lists,
    fields: ["body*Ports*.PublicPort"],
    reason: "each side has a port of its own here",
    better: "neither",
  },
  {
    requests: ["GET /containers/no-command/json"],
    fields: ["body.State.Error", "body.NetworkSettings.Networks.bridge.NetworkID"],
    reason: "the words of the error of the start; a container that never ran has not been in the network",
    better: "brig",
  },
  {
    requests: ["GET /containers/runs/json"],
    fields: ["body.ExecIDs*"],
    reason: "commands that could not be executed are not listed as if they ran",
    better: "brig",
  },
  {
    requests: ["GET /containers/*/stats*"],
    fields: ["*os_type", "*blkio_stats*", "*memory_stats.stats.*", "*precpu_stats*"],
    reason:
      "as Docker has it since API 1.52, or all that the kernel tells; lists are lists where there is nothing in them",
    better: "brig",
  },
  {
    requests: ["POST /containers/*/wait*"],
    fields: ["body.Error"],
    reason: "what was not an error is left out, as in Docker 23 and later",
    better: "neither",
  },
  {
    requests: ["POST /containers/waits/wait?condition=nosuch"],
    fields: ["status", "framing", "body.*"],
    reason: "a condition that does not exist is refused, as by Docker since API 1.42",
    better: "brig",
  },
  {
    requests: ["POST /containers/failed/wait?condition=next-exit"],
    fields: ["body.StatusCode"],
    reason: "one that could not be started has not ended with a code, and is told when it is removed",
    better: "docker",
  },
];

const streams: readonly Difference[] = [
  {
    requests: ["POST /containers/*/attach*"],
    fields: ["status", "header content-type", "framing", "line ends", "body", "body.message"],
    reason: "an error is JSON, whether or not the connection was to be hijacked",
    better: "brig",
  },
  {
    requests: ["POST /exec/*/start*"],
    fields: [
      "status",
      "framing",
      "header content-type",
      "line ends",
      "frames of 1",
      "frames of 2",
      "body",
      "body.message",
    ],
    reason:
      "that a command has run is an error with a status; a complaint of the engine is on stderr, not in the output of the command",
    better: "brig",
  },
  {
    requests: ["GET /exec/*/json"],
    fields: ["body.ExitCode"],
    reason: "127 says that the command was not found, as for run and as shells have it (and Docker 28)",
    better: "brig",
  },
];

const files: readonly Difference[] = [
  {
    requests: ["HEAD /containers/files/archive*", "GET /containers/files/archive*"],
    fields: ["header x-docker-container-path-stat"],
    reason: "a folder has no size here; a link is followed one step, as readlink does",
    better: "neither",
  },
  {
    requests: ["GET /containers/files/archive*"],
    fields: ["framing"],
    reason: "what is streamed has no length",
    better: "neither",
  },
  {
    requests: ["GET /containers/files/archive*", "GET /containers/whole/export"],
    fields: ["file *"],
    reason:
      "what an engine puts into a root for its mounts: Docker adds .dockerenv and mtab, and makes files executable",
    better: "brig",
  },
];

const imagesAndVolumes: readonly Difference[] = [
  {
    requests: images,
    fields: ["body*RepoDigests*"],
    reason: "the manifest of an image is kept, so its digest is known without a registry",
    better: "brig",
  },
  {
    requests: images,
    fields: ["body*RepoTags*", "body.Metadata.LastTagTime", "body.DockerVersion", "body.GraphDriver.Data*"],
    reason: "names are in the order of the alphabet; when one was given is not kept; there was no Docker",
    better: "neither",
  },
  {
    requests: ["GET /images/busybox*get", "GET /images/get?names=busybox"],
    fields: ["file *"],
    reason: "an archive is an OCI image layout that Docker reads, too",
    better: "brig",
  },
  {
    requests: ["POST /volumes/create*", "GET /volumes*"],
    fields: ["body*Mountpoint", "body*Options", "body*Labels"],
    reason: "volumes have their own folders; what was not said is empty, Docker echoes null",
    better: "neither",
  },
  {
    requests: ["GET /networks*"],
    fields: ["body*Options.com.docker.network.bridge.*", "body*IPAM.Config[0].Gateway"],
    reason: "the bridge has another name, and its gateway is told also before a container has been in it",
    better: "neither",
  },
];

export const differences: readonly Difference[] = [
  ...heads,
  ...routing,
  ...system,
  ...requestErrors,
  ...containers,
  ...streams,
  ...files,
  ...imagesAndVolumes,
  ...messageDifferences,
];
