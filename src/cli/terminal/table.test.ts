import assert from "node:assert/strict";
import { test } from "node:test";
import { ellipsis } from "./ellipsis.ts";
import { formatTable } from "./table.ts";

test("columns are as wide as docker ps prints them", () => {
  const rows = [
    ["CONTAINER ID", "IMAGE", "COMMAND", "PORTS", "NAMES"],
    ["aaaaaaaaaaaa", "alpine", '"sh"', "", "one"],
    [
      "bbbbbbbbbbbb",
      "registry.example.com/some/image:tag",
      `"/bin/sh -c 'while t…"`,
      "0.0.0.0:8080->80/tcp",
      "two-längere",
    ],
  ];
  assert.equal(
    formatTable(rows),
    `CONTAINER ID   IMAGE                                 COMMAND                  PORTS                  NAMES
aaaaaaaaaaaa   alpine                                "sh"                                            one
bbbbbbbbbbbb   registry.example.com/some/image:tag   "/bin/sh -c 'while t…"   0.0.0.0:8080->80/tcp   two-längere
`,
  );
});

test("a list without rows is its header, ten columns for each short title", () => {
  assert.equal(
    formatTable([["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"]]),
    "CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n",
  );
  assert.equal(formatTable([]), "");
});

test("text that is too long ends with an ellipsis", () => {
  assert.equal(ellipsis("/bin/sh -c 'while true'", 20), "/bin/sh -c 'while t…");
  assert.equal(ellipsis("12345", 5), "12345");
});
