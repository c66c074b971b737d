/** A container's place in its network (Engine API, NetworkSettings). */

import type { ContainerInfo } from "../../engine/container/info.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import { portBindings } from "../ports.ts";

export function networkJson({ endpoint, state, spec }: ContainerInfo, image: ImageConfig | undefined) {
  const live = (state === "running" || state === "paused") && endpoint !== undefined;
  const exposed = [...(spec.network?.expose ?? []), ...Object.keys(image?.config?.ExposedPorts ?? {})];
  const [address = "", length = "0"] = live ? endpoint.address.split("/") : [];
  const [address6 = "", length6 = "0"] = live ? (endpoint.address6?.split("/") ?? []) : [];
  const place = {
    MacAddress: live ? endpoint.mac : "",
    IPAddress: address,
    IPPrefixLen: Number(length),
    GlobalIPv6Address: address6,
    GlobalIPv6PrefixLen: Number(length6),
  };
  return {
    Bridge: "",
    SandboxID: "",
    SandboxKey: "",
    Ports: portBindings(live ? endpoint.ports : [], exposed),
    ...place,
    Networks: { [spec.network?.mode ?? "bridge"]: place },
  };
}
