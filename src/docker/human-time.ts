/** Spans of time in words, as Docker says them (go-units HumanDuration). */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** 61_000 → "About a minute", 7_200_000 → "2 hours". Anything below a second is "Less than a second". */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / second);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(milliseconds / minute);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(milliseconds / hour + 0.5);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  const days = hours / 24;
  if (hours < 24 * 7 * 2) return `${Math.trunc(days)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(days / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(days / 30)} months`;
  return `${Math.trunc(milliseconds / day / 365)} years`;
}

/** "5 seconds ago", "About a minute ago". Both times in milliseconds since 1970. */
export function humanAge(then: number, now: number): string {
  return `${humanDuration(now - then)} ago`;
}
