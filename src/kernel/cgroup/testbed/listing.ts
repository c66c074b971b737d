/** A program as text for comparison: a line for each instruction, with what the errnos that go on lead to. */

import { O_DIRECTORY, O_PATH } from "../../abi/files.ts";
import { type Argument, structText } from "../../program/argument.ts";
import type { Instruction } from "../../program/instruction.ts";

export function listing(program: readonly Instruction[]): readonly string[] {
  return program.map((node) => {
    if (node.kind === "place") return `${node.label.name}:`;
    if (node.kind === "jump") return `jump ${node.to.name}`;
    if (node.kind !== "call") return node.kind;
    const rules = Object.entries(node.on ?? {}).map(
      ([errno, rule]) =>
        ` ${errno}→${typeof rule === "string" ? rule : rule.kind === "label" ? rule.name : `retry ${rule.times}×${rule.delay}`}`,
    );
    const slot = node.slot ? ` = ${node.slot.name}` : "";
    const args = node.args.map((a, i) =>
      node.name === "openat" && i === 2 ? openFlags(Number(a)) : shown(a),
    );
    return `${node.name}(${args.join(", ")})${slot}${rules.join("")}`;
  });
}

function shown(argument: Argument): string {
  if (typeof argument === "number" || typeof argument === "bigint") return String(argument);
  if (typeof argument === "string") return argument;
  if (argument instanceof Uint8Array) return Buffer.from(argument).toString();
  if (argument.kind === "slot") return argument.name;
  return argument.kind === "struct" ? structText(argument) : "…";
}

/** Some of the numbers depend on the architecture. */
function openFlags(flags: number): string {
  const access = ["O_RDONLY", "O_WRONLY", "O_RDWR"][flags & 3]!;
  const names = Object.entries({ O_PATH, O_DIRECTORY }).flatMap(([name, bit]) => (flags & bit ? [name] : []));
  return [...(flags & O_PATH ? [] : [access]), ...names].join("|");
}
