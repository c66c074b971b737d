/**
 * The console's view of a test run: a line a file when it ends, failures in full, then the skipped tests with their
 * reasons and the sums. For `node --test --test-reporter`.
 */

import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const skipped: string[] = [];
  const all = { tests: 0, passed: 0, skipped: 0 };
  const failed = new Map<string, string[]>();
  for await (const event of events) {
    if (event.type === "test:pass" && event.data.skip !== undefined)
      skipped.push(`${place(event.data.file)}: ${event.data.name}: ${event.data.skip}`);
    if (event.type === "test:fail" && !isSum(event.data.details.error)) {
      const file = place(event.data.file);
      failed.set(file, [...(failed.get(file) ?? []), event.data.name]);
      yield `FAILED ${file}: ${event.data.name}\n${causeOf(event.data.details.error)}\n`;
    }
    if (event.type === "test:stderr") yield event.data.message;
    if (event.type === "test:summary" && event.data.file !== undefined) {
      const { counts, duration_ms, file, success } = event.data;
      all.tests += counts.tests;
      all.passed += counts.passed;
      all.skipped += counts.skipped;
      const seconds = (duration_ms / 1000).toFixed(1);
      yield `${success ? "ok    " : "FAILED"} ${place(file)}: ${counts.passed} of ${counts.tests}, ${counts.skipped} skipped, ${seconds} s\n`;
    }
  }
  for (const line of skipped.sort()) yield `skipped ${line}\n`;
  for (const [file, names] of failed) for (const name of names) yield `failed ${file}: ${name}\n`;
  const wrong = [...failed.values()].reduce((sum, names) => sum + names.length, 0);
  yield `tests ${all.tests}, passed ${all.passed}, failed ${wrong}, skipped ${all.skipped}\n`;
}

/** A suite fails with its tests, which have been told. */
function isSum(error: Error & { readonly failureType?: string }): boolean {
  return error.failureType === "subtestsFailed";
}

function place(file: string | undefined): string {
  return file === undefined ? "" : relative(process.cwd(), file);
}

/** Of a file it is how its process ended. */
function causeOf(error: Error & { readonly exitCode?: unknown; readonly signal?: unknown }): string {
  const { cause, exitCode, signal } = error;
  if (exitCode !== undefined || signal !== undefined) return `exit code ${exitCode}, signal ${signal}`;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause ?? error.message);
}
