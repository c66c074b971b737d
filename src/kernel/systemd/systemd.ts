/**
 * The system's service manager, by its D-Bus interface (org.freedesktop.systemd1(5)): transient scopes, which are units
 * whose processes somebody else has started. Every job is waited for, as whoever starts a unit wants it to be there.
 */

import { BrigError, messageOf } from "../../base/errors.ts";
import { Bus, within } from "../dbus/bus.ts";
import type { Message } from "../dbus/message.ts";
import type { Value, Variant } from "../dbus/type.ts";
import { type Property, propertiesSignature, propertyList } from "./property.ts";

const destination = "org.freedesktop.systemd1";
const manager = "org.freedesktop.systemd1.Manager";

export interface Scope {
  /** "brig-ID.scope" */
  readonly unit: string;
  readonly slice: string;
}

export class Systemd implements Disposable {
  readonly #bus: Bus;
  /** The number of systemd's version, such as 252. */
  readonly #version: number;
  /** The results of jobs by their paths, which may be told before we know that a job is ours. */
  readonly #jobs = new Map<string, PromiseWithResolvers<string>>();

  private constructor(bus: Bus, version: number) {
    this.#bus = bus;
    this.#version = version;
    bus.onMessage = (message) => this.#signal(message);
  }

  static async connect(): Promise<Systemd> {
    const bus = await openBus();
    try {
      const [version] = await bus.call({
        destination,
        path: "/org/freedesktop/systemd1",
        interface: "org.freedesktop.DBus.Properties",
        member: "Get",
        signature: "ss",
        body: [manager, "Version"],
      });
      const number = /\d+/.exec(String((version as Variant).value))?.[0];
      const systemd = new Systemd(bus, Number(number ?? 0));
      // Without it signals are not sent.
      await systemd.#call("Subscribe");
      return systemd;
    } catch (error) {
      bus[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#bus[Symbol.dispose]();
  }

  /** Resolves when the processes that `PIDs` names are in the scope's cgroup; a failure leaves none. */
  async startScope({ unit, slice }: Scope, properties: readonly Property[]): Promise<void> {
    const what = `start the unit ${unit}`;
    const all = propertyList([{ name: "Slice", signature: "s", value: slice }, ...properties], this.#version);
    const signature = `ss${propertiesSignature}a(sa(sv))`;
    const job = await this.#begin(what, "StartTransientUnit", signature, [unit, "replace", all, []]);
    try {
      await this.#finish(what, job);
    } catch (error) {
      // That it did not start is what there is to say.
      await this.stop(unit).catch(() => {});
      throw error;
    }
  }

  /** Until the unit or the host is stopped; one that is gone already is no error. */
  async setProperties(unit: string, properties: readonly Property[]): Promise<void> {
    const runtime = true;
    const body = [unit, runtime, propertyList(properties, this.#version)];
    await this.#call("SetUnitProperties", `sb${propertiesSignature}`, body).catch((cause) => {
      if (!isUnknown(cause)) throw explained(`set the properties of ${unit}`, cause);
    });
  }

  /** Stops it and forgets how it ended; one that is gone already is no error. */
  async stop(unit: string): Promise<void> {
    const what = `stop the unit ${unit}`;
    try {
      await this.#finish(what, await this.#begin(what, "StopUnit", "ss", [unit, "replace"]));
    } catch (error) {
      if (!isUnknown(error)) throw error;
    }
    await this.forget(unit);
  }

  /** A unit that has failed stays until somebody has seen it. */
  async forget(unit: string): Promise<void> {
    await this.#call("ResetFailedUnit", "s", [unit]).catch((cause) => {
      if (!isUnknown(cause)) throw explained(`forget the unit ${unit}`, cause);
    });
  }

  /** Resolves with the job's path. */
  async #begin(what: string, member: string, signature: string, body: readonly Value[]): Promise<string> {
    try {
      const [job] = await this.#call(member, signature, body);
      return job as string;
    } catch (cause) {
      throw explained(what, cause);
    }
  }

  async #finish(what: string, job: string): Promise<void> {
    const result = await within(jobPatience, this.#result(job).promise, `its job to ${what} does not end`);
    if (result !== "done")
      throw new BrigError("unavailable", `cannot ${what}: its job ended with "${result}"`);
  }

  async #call(member: string, signature = "", body: readonly Value[] = []): Promise<readonly Value[]> {
    const path = "/org/freedesktop/systemd1";
    return this.#bus.call({ destination, path, interface: manager, member, signature, body });
  }

  #result(path: string): PromiseWithResolvers<string> {
    const found = this.#jobs.get(path) ?? Promise.withResolvers<string>();
    this.#jobs.set(path, found);
    return found;
  }

  #signal({ member, interface: of, body = [] }: Message): void {
    if (of !== manager || member !== "JobRemoved") return;
    const [, path, , result] = body;
    this.#result(path as string).resolve(result as string);
  }
}

/** The bus, or where there is none the socket of systemd's own, which root alone may use. */
async function openBus(): Promise<Bus> {
  try {
    const bus = await Bus.open("/run/dbus/system_bus_socket", 0);
    const dbus = { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus" } as const;
    await bus.call({ ...dbus, interface: "org.freedesktop.DBus", member: "Hello" });
    const rule = `type='signal',sender='${destination}',interface='${manager}',member='JobRemoved'`;
    await bus.call({
      ...dbus,
      interface: "org.freedesktop.DBus",
      member: "AddMatch",
      signature: "s",
      body: [rule],
    });
    return bus;
  } catch (cause) {
    try {
      return await Bus.open("/run/systemd/private", 0);
    } catch {
      throw explained("reach systemd", cause);
    }
  }
}

/** Milliseconds; runc's patience. */
const jobPatience = 30_000;

function isUnknown(error: unknown): boolean {
  return error instanceof BrigError && error.code === "org.freedesktop.systemd1.NoSuchUnit";
}

function explained(what: string, cause: unknown): BrigError {
  const code = cause instanceof BrigError ? cause.code : undefined;
  return new BrigError("unavailable", `cannot ${what}: ${messageOf(cause)}`, {
    cause,
    ...(code === undefined ? {} : { code }),
  });
}
