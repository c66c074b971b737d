/** The mounts that a request asks for, in Docker's three ways of saying it: binds, mounts, and tmpfs. */

import { BrigError } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import type { MountSpec, Propagation } from "../../engine/container/spec.ts";
import { checkTarget, propagations } from "../text/mount-target.ts";
import { parseTmpfs } from "../text/tmpfs.ts";
import { parseVolume } from "../text/volume.ts";
import type { HostConfigBody, MountBody } from "./container-body.ts";

export function mountsOf(
  { Binds = [], Mounts = [], Tmpfs = {} }: HostConfigBody,
  anonymous: readonly string[],
): readonly MountSpec[] {
  const said = [
    ...Binds.map(bindOf),
    ...Mounts.map(mountOf),
    ...Object.entries(Tmpfs).map(([target, options]) =>
      parseTmpfs(options === "" ? target : `${target}:${options}`),
    ),
  ];
  const targets = new Set(said.map(({ target }) => target));
  return [
    ...said,
    ...anonymous.filter((target) => !targets.has(target)).map((target) => parseVolume(target)),
  ];
}

/** A host path has to be absolute here: the engine knows no caller's folder. */
function bindOf(text: string): MountSpec {
  const mount = parseVolume(text);
  if (mount.kind === "bind" && !mount.source.startsWith("/"))
    throw new BrigError("invalid", `invalid volume specification: '${text}': mount path must be absolute`);
  return mount;
}

export const hasMountPoint = ({ target }: MountSpec): boolean => target !== "";

function mountOf(mount: MountBody): MountSpec {
  const { Type: type = "bind", Source: source = "", ReadOnly: readOnly = false } = mount;
  const invalid = (reason: string) =>
    new BrigError("invalid", `invalid mount config for type "${type}": ${reason}`);
  const target = checkTarget(mount.Target ?? "");
  switch (type) {
    case "bind": {
      if (!source.startsWith("/"))
        throw invalid(
          source === ""
            ? "field Source must not be empty"
            : `invalid mount path: '${source}' mount path must be absolute`,
        );
      const {
        Propagation: propagation,
        NonRecursive,
        CreateMountpoint,
        ReadOnlyNonRecursive,
        ReadOnlyForceRecursive,
      } = mount.BindOptions ?? {};
      if (propagation !== undefined && !propagations.includes(propagation as Propagation))
        throw invalid(`invalid propagation mode: ${propagation}`);
      return {
        kind: "bind",
        source,
        target,
        readOnly,
        recursive: NonRecursive
          ? "disabled"
          : ReadOnlyNonRecursive
            ? "writable"
            : ReadOnlyForceRecursive
              ? "readonly"
              : "enabled",
        createSource: CreateMountpoint ?? false,
        ...present({ propagation: propagation as Propagation | undefined }),
      };
    }
    case "volume": {
      const { NoCopy, Labels, Subpath, DriverConfig } = mount.VolumeOptions ?? {};
      return {
        kind: "volume",
        target,
        readOnly,
        noCopy: NoCopy ?? false,
        driverOptions: DriverConfig?.Options ?? {},
        labels: Labels ?? {},
        ...present({ name: source || undefined, subpath: Subpath, driver: DriverConfig?.Name }),
      };
    }
    case "tmpfs": {
      if (source !== "") throw invalid("field Source must not be specified");
      const { SizeBytes, Mode, Options = [] } = mount.TmpfsOptions ?? {};
      const { options } = parseTmpfs(`${target}:${Options.map((words) => words.join("=")).join(",")}`);
      return {
        kind: "tmpfs",
        target,
        readOnly,
        options,
        ...present({ size: SizeBytes || undefined, mode: Mode || undefined }),
      };
    }
    case "image":
      if (source === "") throw invalid("field Source must not be empty");
      return { kind: "image", image: source, target, ...present({ subpath: mount.ImageOptions?.Subpath }) };
    default:
      throw new BrigError("invalid", `mount type unknown: "${type}"`);
  }
}
