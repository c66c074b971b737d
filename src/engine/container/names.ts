/** Names for containers that nobody named: an adjective and a famous sailor. */

import { BrigError } from "../../base/errors.ts";

// biome-ignore format: two lists
const adjectives = [
  "able", "bold", "brave", "bright", "brisk", "calm", "clever", "daring", "deft", "eager", "fair", "fearless", "fleet",
  "frank", "gallant", "gentle", "hardy", "hearty", "jolly", "keen", "kind", "lively", "loyal", "lucky", "merry", "mighty",
  "nimble", "noble", "patient", "plucky", "proud", "quick", "quiet", "ready", "salty", "serene", "sharp", "spry", "stanch",
  "steady", "stout", "sturdy", "sunny", "swift", "tidy", "trim", "true", "valiant", "vivid", "watchful", "weathered", "wise",
] as const;

// biome-ignore format: two lists
const sailors = [
  "amundsen", "anson", "baffin", "barents", "bart", "beaufort", "bering", "blake", "bligh", "bonny", "bougainville",
  "bowditch", "cabot", "cabral", "chichester", "cochrane", "columbus", "cook", "dampier", "davis", "dias", "drake", "elcano",
  "erikson", "fitzroy", "franklin", "frobisher", "gama", "hawkins", "hudson", "knox", "laperouse", "magellan", "maury",
  "nansen", "nelson", "perry", "polo", "pytheas", "raleigh", "reis", "ross", "shackleton", "slocum", "tasman", "torres",
  "vancouver", "vespucci", "zheng",
] as const;

/** `attempt` above 0 adds a digit, as all names may be taken. */
export function inventName(random: (size: number) => Uint8Array, attempt: number): string {
  const [a, b, c] = random(3);
  const name = `${adjectives[a! % adjectives.length]}_${sailors[b! % sailors.length]}`;
  return attempt === 0 ? name : `${name}${c! % 10 ** Math.min(attempt, 3)}`;
}

/** Docker's rule for names. */
export function checkName(name: string): string {
  const plain = name.startsWith("/") ? name.slice(1) : name;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(plain))
    throw new BrigError(
      "invalid",
      `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    );
  return plain;
}
