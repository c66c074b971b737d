/** A printed program as text: `brig explain`, and the golden files of the compiler's tests. */

import type { PrintedProcess, PrintedRule, PrintedStep } from "./print.ts";

/** Says how the listing is to be read. */
export const legend = `\
What would be done, process by process and call by call; none of it has been done.

   12  what the step is for, as an error message would name it            ‹what asks for it›
         the system call, in the notation of strace(1); 7<log> is the fd 7, kept for the log
         dup3(fd, 7, O_CLOEXEC); close(fd)      the new fd takes its fixed number
                                                (fcntl(7, F_SETFD, FD_CLOEXEC) where it has it already)
         ENOENT: go on at 15                    an errno that is no failure, and what follows it
  ▸15  a step that others lead to

  Any other errno ends the launch. Steps count from 1 again in every segment.
`;

/** `shorten` may put short words in place of long ones, such as random ids. */
export function listing(
  processes: readonly PrintedProcess[],
  shorten: (text: string) => string = (text) => text,
): string {
  return processes.map((process) => processText(process, shorten)).join("\n");
}

const width = 100;

function processText({ role, steps }: PrintedProcess, shorten: (text: string) => string): string {
  const targets = new Set(steps.flatMap((s) => targetsOf(s).map((to) => key(s.segment, to))));
  const lines = [`── ${role} ${"─".repeat(Math.max(3, width - role.length - 4))}`, ""];
  let [segment, field] = [steps[0]?.segment, steps[0]?.from];
  for (const step of steps) {
    if (step.segment !== segment) lines.push("", `  · segment ${step.segment} ·`, "");
    else if (step.from !== undefined && step.from !== field) lines.push("");
    lines.push(...stepLines(step, shorten, targets.has(key(step.segment, step.step))));
    segment = step.segment;
    field = step.from ?? field;
  }
  return `${lines.join("\n")}\n`;
}

const key = (segment: number, step: number) => `${segment}.${step}`;

function targetsOf({ on = {}, to }: PrintedStep): readonly number[] {
  const rules = Object.values(on).flatMap((rule) => (rule.do === "go on" ? [rule.at] : []));
  return to === undefined ? rules : [...rules, to];
}

function stepLines(step: PrintedStep, shorten: (text: string) => string, target: boolean): readonly string[] {
  const { from, calls, note, on = {}, to, expect, begins } = step;
  const why = shorten(step.why);
  const number = `${target ? "▸" : ""}${step.step}`.padStart(5);
  const field = from === undefined ? "" : `‹${from}›`;
  const inner = " ".repeat(9);
  if (step.kind === "jump") return [`${number}  go on at ${to}: ${why}`];
  const [first, ...rest] = calls;
  if (first?.name === "close" && why.startsWith("close")) return [`${number}  ${first.text}`];
  const head = `${number}  ${why}`;
  return [
    field === "" ? head : `${head.padEnd(width - field.length - 1)} ${field}`,
    ...(first ? callLines(shorten(first.text), expect).map((line) => `${inner}${line}`) : []),
    ...restText(rest).map((text) => `${inner}${text}`),
    ...(begins === undefined ? [] : [`${inner}(begins the process "${begins}", below)`]),
    ...(note === undefined ? [] : [`${inner}(${shorten(note)})`]),
    ...rulesText(on).map((text) => `${inner}${shorten(text)}`),
  ];
}

/** What a netlink message says may be several lines. */
function callLines(text: string, expect: number | undefined): readonly string[] {
  const [first, ...more] = `${text}${expect === undefined ? "" : ` = ${expect}`}`.split("\n");
  return [first!, ...more.map((line) => `  ${line}`)];
}

/** Calls that repeat are counted; the two that move an fd stand in one line. */
function restText(calls: PrintedStep["calls"]): readonly string[] {
  const lines: string[] = [];
  for (let i = 0; i < calls.length; i++) {
    const { name, text } = calls[i]!;
    const next = calls[i + 1];
    if (name === "dup3" && next?.name === "close") {
      lines.push(`${text}; ${next.text}`);
      i++;
      continue;
    }
    let times = 1;
    for (; calls[i + 1]?.text === text; i++) times++;
    lines.push(times === 1 ? text : `${text}, ${times} times`);
  }
  return lines;
}

function rulesText(on: Readonly<Record<string, PrintedRule>>): readonly string[] {
  const byRule = new Map<string, string[]>();
  for (const [errno, rule] of Object.entries(on)) {
    const text = ruleText(rule);
    byRule.set(text, [...(byRule.get(text) ?? []), errno]);
  }
  return [...byRule].map(([rule, errnos]) => `${errnos.join(", ")}: ${rule}`);
}

function ruleText(rule: PrintedRule): string {
  switch (rule.do) {
    case "continue":
      return "no failure";
    case "remember":
      return "no failure yet, but remembered";
    case "go on":
      return `go on at ${rule.at} (${rule.label})`;
    case "try again":
      return `tried again, ${rule.times} times, ${rule.delay} ms apart`;
  }
}
