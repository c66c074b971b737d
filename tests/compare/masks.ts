/** What two engines cannot have in common is hidden: ids, times, sizes, addresses, and their own names in messages. */

const masks: readonly (readonly [RegExp, string])[] = [
  [/\r/g, ""],
  [/\b[0-9a-f]{64}\b/g, "ID"],
  [/\b[0-9a-f]{12}\b/g, "ID"],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g, "TIME"],
  [
    /\b(Up|Exited \(\d+\)|Created) (Less than )?(a|an|About a|About an|\d+) (second|minute)s?( ago)?/g,
    "$1 TIME",
  ],
  [/\b\d+(\.\d+)?(B|kB|MB|GB)\b/g, "SIZE"],
  [/\b172\.\d+\.\d+\.\d+\b/g, "ADDRESS"],
  [/\b[12]5080\b/g, "PORT"],
];

export function masked(text: string): string {
  return masks.reduce((hidden, [pattern, name]) => hidden.replace(pattern, name), text);
}

/**
 * The kinds of lines of stderr, in order, each run of messages as one. The words of a message are each engine's own,
 * and so is how it points to its help; that there is a message, or a warning, is what scripts and people go by.
 */
export function shape(stderr: string): string {
  const kinds = stderr
    .replaceAll("\r", "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^((See|Run) '.* --help'|Usage:)/.test(line))
    .map((line) => (/^WARNING: /.test(line) ? "warning" : "message"));
  return kinds.filter((kind, i) => kind !== kinds[i - 1]).join(", ");
}
