/** `--format`, for commands that print one thing and for commands that print lists. */

import { text } from "../flags/types/text.ts";

export const formatFlag = {
  type: text,
  short: "f",
  help: "How to print it:\n'json':     as JSON\n'TEMPLATE': through a Go template",
} as const;

export const listFormatFlag = {
  type: text,
  help: "How to print the list:\n'table':          in columns (default)\n'table TEMPLATE': in columns, through a Go template\n'json':           as JSON, a line each\n'TEMPLATE':       through a Go template",
} as const;
