/** The results as tables for people and as one JSON document for machines. */

import type { Case, Target } from "./case.ts";
import type { Side } from "./engines.ts";
import type { Outcomes } from "./measure.ts";
import { helperTarget, type Memory } from "./memory.ts";
import { summarize } from "./statistics.ts";

/** Whether a promise was kept. Undefined values could not be measured. */
export interface Verdict {
  readonly text: string;
  readonly met: boolean | undefined;
}

/** One case as lines: every side's figures, ours first and the others against ours, then the targets. */
export function caseLines(subject: Case, outcomes: Outcomes): readonly string[] {
  const ours = medianOf(outcomes, "brig");
  const lines = [`${subject.title}`, row("", "median", "p95", "least", "  brig = 1")];
  for (const [side, outcome] of outcomes) {
    if (outcome.kind === "failed") {
      lines.push(`  ${side.padEnd(8)}failed: ${outcome.reason.split("\n")[0]}`);
      continue;
    }
    const { median, p95, least } = summarize(outcome.samples);
    const ratio = side === "brig" || ours === undefined ? "" : `${(median / ours).toFixed(2)} ×`;
    lines.push(row(side, ...[median, p95, least].map(duration), ratio));
  }
  return [...lines, ...verdicts(subject, outcomes).map(verdictLine)];
}

/** What became of each of a case's targets. */
export function verdicts(subject: Case, outcomes: Outcomes): readonly Verdict[] {
  return subject.targets.map((target) => judge(target, outcomes));
}

function judge({ side = "brig", against, atMost }: Target, outcomes: Outcomes): Verdict {
  const ours = medianOf(outcomes, side);
  const theirs = against === undefined ? 1 : medianOf(outcomes, against);
  const limit = `${side} at most ${against === undefined ? `${atMost} ms` : `${fraction(atMost)} ${against}`}`;
  if (ours === undefined || theirs === undefined) return { text: `${limit}: not measured`, met: undefined };
  const value = ours / theirs;
  const reached = against === undefined ? duration(value) : value.toFixed(3);
  return { text: `${limit}: ${reached}`, met: value <= atMost };
}

/** The memory table. */
export function memoryLines(all: readonly Memory[]): readonly string[] {
  const lines = ["memory (PSS) while a container with a terminal and an attached client runs"];
  lines.push(row("", "per container", "daemons"));
  for (const { side, helper, daemons } of all) {
    lines.push(
      row(side, helper === undefined ? "failed" : size(helper), daemons === 0 ? "none" : size(daemons)),
    );
  }
  return [...lines, ...memoryVerdicts(all).map(verdictLine)];
}

export function memoryVerdicts(all: readonly Memory[]): readonly Verdict[] {
  const helper = all.find(({ side }) => side === "brig")?.helper;
  const text = `brig at most ${size(helperTarget)} per container: ${helper === undefined ? "not measured" : size(helper)}`;
  return [{ text, met: helper === undefined ? undefined : helper <= helperTarget }];
}

/** A case for build/bench.json: milliseconds throughout, with every sample. */
export function caseRecord(subject: Case, outcomes: Outcomes): object {
  const sides = [...outcomes].map(([side, outcome]) => [
    side,
    outcome.kind === "failed" ? outcome : { ...summarize(outcome.samples), samples: outcome.samples },
  ]);
  const { name, title } = subject;
  return { name, title, sides: Object.fromEntries(sides), targets: verdicts(subject, outcomes) };
}

export function verdictLine({ text, met }: Verdict): string {
  return `  target  ${text}${met === undefined ? "" : met ? "  met" : "  MISSED"}`;
}

function medianOf(outcomes: Outcomes, side: Side): number | undefined {
  const outcome = outcomes.get(side);
  return outcome?.kind === "measured" ? summarize(outcome.samples).median : undefined;
}

function row(name: string, ...cells: readonly string[]): string {
  return `  ${name.padEnd(8)}${cells.map((cell) => cell.padStart(12)).join("")}`.trimEnd();
}

function duration(milliseconds: number): string {
  return milliseconds >= 1000 ? `${(milliseconds / 1000).toFixed(2)} s` : `${milliseconds.toFixed(1)} ms`;
}

function size(kibibytes: number): string {
  return kibibytes >= 10_240 ? `${Math.round(kibibytes / 1024)} MiB` : `${kibibytes} KiB`;
}

/** 0.1 → "1/10 of"; 2.2 → "2.2 ×". */
function fraction(value: number): string {
  return value < 1 ? `1/${Math.round(1 / value)} of` : `${value} ×`;
}
