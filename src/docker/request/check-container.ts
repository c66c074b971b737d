/** What Docker refuses of a container before it makes one; the engine would only see it at the start. */

import { BrigError } from "../../base/errors.ts";
import { parseSignal } from "../../base/signals.ts";
import { parseCapability } from "../../kernel/capabilities.ts";
import type { ContainerBody, HostConfigBody } from "./container-body.ts";

/** Throws in Docker's words. */
export function checkContainer(body: ContainerBody, host: HostConfigBody): void {
  if (body.WorkingDir !== undefined && !body.WorkingDir.startsWith("/"))
    throw invalid(`the working directory '${body.WorkingDir}' is invalid, it needs to be an absolute path`);
  for (const entry of body.Env ?? [])
    if (entry === "" || entry.startsWith("=")) throw invalid(`invalid environment variable: ${entry}`);
  if (body.StopSignal !== undefined) parseSignal(body.StopSignal);
  if (host.AutoRemove && !["", "no"].includes(host.RestartPolicy?.Name ?? ""))
    throw invalid("can't create 'AutoRemove' container with restart policy");
  checkCapabilities("CapAdd", host.CapAdd);
  checkCapabilities("CapDrop", host.CapDrop);
  if ((host.ShmSize ?? 0) < 0) throw invalid("SHM size can not be less than 0");
  checkHealth(body.Healthcheck);
}

function checkCapabilities(field: string, names: readonly string[] = []): void {
  const unknown = names.find((name) => name.toUpperCase() !== "ALL" && !parseCapability(name));
  if (unknown !== undefined)
    throw invalid(`invalid ${field}: unknown capability: ${JSON.stringify(unknown)}`);
}

const millisecond = 1_000_000;

function checkHealth(health: ContainerBody["Healthcheck"]): void {
  for (const field of ["Interval", "Timeout", "StartPeriod", "StartInterval"] as const) {
    const value = Number(health?.[field] ?? 0);
    if (value !== 0 && value < millisecond) throw invalid(`${field} in Healthcheck cannot be less than 1ms`);
  }
}

const invalid = (reason: string) => new BrigError("invalid", reason);
