/** What runs in a container, image and user taken together (Engine API, ContainerConfig). */

import type { ContainerInfo } from "../../engine/container/info.ts";
import type { MountSpec } from "../../engine/container/spec.ts";
import type { Healthcheck, ImageConfig } from "../../spec/image/config.ts";
import { exposedPorts } from "../ports.ts";

export function configJson({ spec, hostname, domainname }: ContainerInfo, image: ImageConfig | undefined) {
  const defaults = image?.config ?? {};
  return {
    Hostname: hostname,
    Domainname: domainname ?? "",
    User: spec.user ?? defaults.User ?? "",
    AttachStdin: spec.attach?.stdin ?? spec.stdinOnce ?? false,
    AttachStdout: spec.attach?.stdout ?? true,
    AttachStderr: spec.attach?.stderr ?? true,
    ...exposed([...(spec.network?.expose ?? []), ...Object.keys(defaults.ExposedPorts ?? {})]),
    Tty: spec.terminal ?? false,
    OpenStdin: spec.openStdin ?? false,
    StdinOnce: spec.stdinOnce ?? false,
    Env: mergedEnvironment(spec.env ?? [], defaults.Env ?? []),
    Cmd: spec.command ?? (spec.entrypoint === undefined ? (defaults.Cmd ?? null) : null),
    Image: spec.image,
    Volumes: volumesJson(spec.mounts, defaults.Volumes),
    WorkingDir: spec.workingDirectory ?? defaults.WorkingDir ?? "",
    Entrypoint: spec.entrypoint ?? defaults.Entrypoint ?? null,
    OnBuild: defaults.OnBuild ?? null,
    ...healthJson(spec.health ?? defaults.Healthcheck),
    Labels: { ...defaults.Labels, ...spec.labels },
    ...stopping(spec.stopSignal ?? defaults.StopSignal, spec.stopTimeout ?? defaults.StopTimeout),
  };
}

/** Places that have a volume without a name: the user's and the image's. */
function volumesJson(mounts: readonly MountSpec[] = [], inherited: Readonly<Record<string, unknown>> = {}) {
  const own = mounts.flatMap((mount) =>
    mount.kind === "volume" && mount.name === undefined ? [[mount.target, {}] as const] : [],
  );
  const all = { ...inherited, ...Object.fromEntries(own) };
  return Object.keys(all).length === 0 ? null : all;
}

/** The user's first, then those of the image that he did not set. */
function mergedEnvironment(own: readonly string[], inherited: readonly string[]): readonly string[] {
  const nameOf = (entry: string) => entry.split("=", 1)[0]!;
  const names = new Set(own.map(nameOf));
  return [
    ...own.filter((entry) => entry.includes("=")),
    ...inherited.filter((entry) => !names.has(nameOf(entry))),
  ];
}

function exposed(ports: readonly string[]) {
  return ports.length === 0 ? {} : { ExposedPorts: exposedPorts(ports) };
}

/** All of its members, as Docker has them; a check that does not exist has none. */
function healthJson(health: Healthcheck | undefined) {
  if (!health) return {};
  const { Test, Interval = 0, Timeout = 0, StartPeriod = 0, StartInterval = 0, Retries = 0 } = health;
  const numbers = Object.entries({ Interval, Timeout, StartPeriod, StartInterval, Retries })
    .map(([name, value]) => [name, Number(value)] as const)
    .filter(([, value]) => value !== 0);
  return { Healthcheck: { ...(Test ? { Test } : {}), ...Object.fromEntries(numbers) } };
}

function stopping(signal: string | undefined, timeout: number | undefined) {
  return {
    ...(signal === undefined ? {} : { StopSignal: signal }),
    ...(timeout === undefined ? {} : { StopTimeout: timeout }),
  };
}
