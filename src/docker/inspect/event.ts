/** An event as followers see it (Engine API, EventMessage). */

import type { EngineEvent } from "../../engine/events/feed.ts";

export function eventJson({ time, type, action, subject, attributes }: EngineEvent) {
  return {
    // Fields of the time before 1.22, which some clients still read.
    ...(type === "container" || type === "image" ? { status: action } : {}),
    ...((type === "container" || type === "image") && subject !== "" ? { id: subject } : {}),
    ...(type === "container" && attributes.image ? { from: attributes.image } : {}),
    Type: type,
    Action: action,
    Actor: { ID: subject, Attributes: attributes },
    scope: "local",
    time: Math.floor(time / 1000),
    // Of another engine's events the time has more digits.
    timeNano: BigInt(Math.round(time * 1000)) * 1000n,
  };
}
