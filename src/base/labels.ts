/** Whether labels have the one that is asked for: `KEY`, or `KEY=VALUE`. */
export function labelHolds(labels: Readonly<Record<string, string>>, asked: string): boolean {
  const equals = asked.indexOf("=");
  const name = equals < 0 ? asked : asked.slice(0, equals);
  return Object.hasOwn(labels, name) && (equals < 0 || labels[name] === asked.slice(equals + 1));
}
