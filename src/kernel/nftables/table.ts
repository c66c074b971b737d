/** Tables, chains and rules: the operations that make and remove them. */

import { attribute, bigU32, nest, text } from "../netlink/attribute.ts";
import { flag } from "../netlink/message.ts";
import type { Family, Operation } from "./batch.ts";
import { commentData } from "./expression.ts";
import type { Rule } from "./statement.ts";

/** A table is told by its family and its name. */
export interface TableReference {
  readonly family: Family;
  readonly table: string;
}

export interface BaseChain {
  readonly name: string;
  readonly type: "filter" | "nat";
  readonly hook: keyof typeof hooks;
  /** Chains of a hook run from the lowest priority to the highest. */
  readonly priority: number;
}

/** No error when the table is there already. */
export function addTable({ family, table }: TableReference): Operation {
  return operation(
    "newTable",
    flag.create,
    family,
    [attribute(1, text(table))],
    `add table ${family} ${table}`,
  );
}

/** With everything in it; ENOENT when there is none. */
export function deleteTable({ family, table }: TableReference): Operation {
  return operation("deleteTable", 0, family, [attribute(1, text(table))], `delete table ${family} ${table}`);
}

/** A chain on a hook that accepts what none of its rules drops; no error when it is there already. */
export function addChain({ family, table }: TableReference, chain: BaseChain): Operation {
  const attributes = [
    attribute(1, text(table)),
    attribute(3, text(chain.name)),
    nest(4, attribute(1, bigU32(hooks[chain.hook])), attribute(2, bigU32(chain.priority))),
    attribute(5, bigU32(1)),
    attribute(7, text(chain.type)),
  ];
  const hook = `{ type ${chain.type} hook ${chain.hook} priority ${chain.priority}; policy accept; }`;
  return operation(
    "newChain",
    flag.create,
    family,
    attributes,
    `add chain ${family} ${table} ${chain.name} ${hook}`,
  );
}

/** Removes the rules of a chain, not the chain; no error when there are none. */
export function flushChain({ family, table }: TableReference, chain: string): Operation {
  const attributes = [attribute(1, text(table)), attribute(2, text(chain))];
  return operation("deleteRule", 0, family, attributes, `flush chain ${family} ${table} ${chain}`);
}

/** Appends a rule. Sending it twice makes two rules. */
export function addRule({ family, table }: TableReference, chain: string, rule: Rule): Operation {
  const expressions = rule.statements.flatMap((statement) => statement.expressions);
  const attributes = [
    attribute(1, text(table)),
    attribute(2, text(chain)),
    nest(4, ...expressions),
    attribute(7, commentData(rule.comment)),
  ];
  const words = rule.statements.map((statement) => statement.text).join(" ");
  const line = `add rule ${family} ${table} ${chain} ${words} comment "${rule.comment}"`;
  return operation("newRule", flag.create | flag.append, family, attributes, line);
}

export function operation(
  type: keyof typeof types,
  flags: number,
  family: Family,
  attributes: readonly Uint8Array[],
  line: string,
): Operation {
  return { type: types[type], flags, family, attributes, text: line };
}

/** NF_INET_…: the places where packets pass. */
export const hooks = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 } as const;

/** NFT_MSG_… */
const types = {
  newTable: 0,
  deleteTable: 2,
  newChain: 3,
  newRule: 6,
  deleteRule: 8,
  newSet: 9,
  newElement: 12,
  deleteElement: 14,
} as const;
