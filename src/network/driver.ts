/**
 * What a network driver is.
 *
 * A driver is four pure functions. `config` turns what a user asked for into plain JSON that the engine stores;
 * `validate` tells what on this host is in the way of it; `setup` and `teardown` return steps. The engine first
 * makes the network (once a boot, and again after somebody flushed the firewall: every step may be repeated),
 * then an endpoint for each container; `teardown` is the same in reverse and tolerates what is gone already.
 * A container's interfaces, addresses and routes are never taken back: they end with its namespace.
 *
 * Every driver passes `driver.contract.ts`. Host-wide names (bridge, table) come from the caller, who adds the
 * root's hash to them.
 */

import type { Endpoint } from "./endpoint.ts";
import type { HostFacts } from "./facts.ts";
import type { Step } from "./step.ts";

export interface NetworkDriver<Config extends NetworkConfig = NetworkConfig> {
  /** Throws `invalid` or `unsupported`. */
  config(request: NetworkRequest): Config;
  validate(config: Config, facts: HostFacts): readonly Finding[];
  readonly setup: {
    network(config: Config): readonly Step[];
    endpoint(config: Config, endpoint: Endpoint | undefined, place: Place): readonly Step[];
    /** Adds published ports to a running container's endpoint. */
    ports(config: Config, endpoint: Endpoint): readonly Step[];
  };
  readonly teardown: {
    network(config: Config): readonly Step[];
    /** What the host keeps of an endpoint: the settle program. */
    endpoint(config: Config, endpoint: Endpoint | undefined): readonly Step[];
    ports(config: Config, endpoint: Endpoint): readonly Step[];
  };
}

/** Plain JSON. */
export interface NetworkConfig {
  readonly driver: "bridge" | "none" | "host" | "container";
  /** Which network namespace a container in this network has. */
  readonly namespace: NamespaceChoice;
}

export type NamespaceChoice =
  | { readonly kind: "new" }
  | { readonly kind: "host" }
  | { readonly kind: "container"; readonly container: string };

export interface NetworkRequest {
  /** What a container network names: the container whose namespace is joined. */
  readonly container?: string;
  /** Name and index for an interface on the host. */
  readonly link?: { readonly name: string; readonly index: number };
  /** Name of the nf_tables table. */
  readonly table?: string;
  readonly subnet?: string;
  readonly gateway?: string;
  readonly range?: string;
  readonly subnet6?: string;
  readonly gateway6?: string;
  readonly internal?: boolean;
  /** `--opt`, under Docker's names. */
  readonly options?: Readonly<Record<string, string>>;
}

/** What is known only at launch. */
export interface Place {
  /** The fd at which the sender has the container's network namespace open. */
  readonly namespaceFd: number;
  readonly bridgeNetfilter: boolean;
}

/** An error stops the engine; a warning is shown. Both say what to do. */
export interface Finding {
  readonly severity: "error" | "warning";
  readonly message: string;
}
