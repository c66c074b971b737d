import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { applyChanges } from "./change.ts";

const shell = ["/bin/sh", "-c"];

/** What Docker 20.10 made of the same, but for STOPSIGNAL and SHELL, which it does not know there. */
// biome-ignore format: one row, one case
const accepted: readonly (readonly [changes: readonly string[], defaults: object])[] = [
  [['CMD ["sh","-c","x"]'], { Cmd: ["sh", "-c", "x"] }],
  [["cmd echo hi"], { Cmd: [...shell, "echo hi"] }],
  [["CMD"], { Cmd: shell }],
  [['CMD ["a"'], { Cmd: [...shell, '["a"'] }],
  [["ENTRYPOINT []"], { Entrypoint: [] }],
  [["ENTRYPOINT foo bar", "CMD x"], { Entrypoint: [...shell, "foo bar"], Cmd: [...shell, "x"] }],
  [["ENV a=b c=d", "ENV e f g"], { Env: ["a=b", "c=d", "e=f g"] }],
  [[`ENV a="b c" d='$x' e=\\ f`], { Env: ["a=b c", "d=$x", "e= f"] }],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: these are a Dockerfile's
  [["ENV P=1", "ENV P=$P:2 Q=${P:-no} R=${N:-no} S=${P:+yes} T=\\$P"], { Env: ["P=1:2", "Q=1", "R=no", "S=yes", "T=$P"] }],
  [["EXPOSE 80 90/udp", "EXPOSE 80-82"], { ExposedPorts: { "80/tcp": {}, "90/udp": {}, "81/tcp": {}, "82/tcp": {} } }],
  [["LABEL x=y", 'LABEL "a b"="c"'], { Labels: { x: "y", "a b": "c" } }],
  [["USER 12:13"], { User: "12:13" }],
  [["VOLUME /data /q", 'VOLUME ["/a b"]'], { Volumes: { "/data": {}, "/q": {}, "/a b": {} } }],
  [["WORKDIR rel", "WORKDIR b"], { WorkingDir: "/rel/b" }],
  [["WORKDIR /a", "WORKDIR /b"], { WorkingDir: "/b" }],
  [["STOPSIGNAL SIGINT"], { StopSignal: "SIGINT" }],
  [["ONBUILD RUN x"], { OnBuild: ["RUN x"] }],
  [["HEALTHCHECK --interval=1m30s --retries=2 CMD true"], { Healthcheck: { Test: ["CMD-SHELL", "true"], Interval: 90e9, Retries: 2 } }],
  [["HEALTHCHECK NONE"], { Healthcheck: { Test: ["NONE"] } }],
  [['SHELL ["/x"]'], { Shell: ["/x"] }],
];

const refused: readonly (readonly [change: string, message: string | RegExp])[] = [
  ["RUN x", "run is not a valid change command"],
  ["__proto__ x", "__proto__ is not a valid change command"],
  ["", " is not a valid change command"],
  ["ENV", "ENV requires at least one argument"],
  ["ENV a", "ENV must have two arguments"],
  ["ENV a=b c", /can't find = in "c"/],
  ["ENV =b", "ENV names can not be blank"],
  ["ENV a='b", /single-quote/],
  ["ENV a=${b", /bad substitution/],
  ["LABEL", "LABEL requires at least one argument"],
  ["USER", "USER requires exactly one argument"],
  ["WORKDIR", "WORKDIR requires exactly one argument"],
  ["EXPOSE x", "Invalid containerPort: x"],
  ["EXPOSE 90-80", "Invalid containerPort: 90-80"],
  ["EXPOSE 70000", "Invalid containerPort: 70000"],
  ["ONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger"],
  ["HEALTHCHECK x", 'unknown type "x" in HEALTHCHECK (try CMD)'],
  ["SHELL x", "SHELL requires the arguments to be in JSON form"],
];

describe("a change of an image", () => {
  for (const [changes, defaults] of accepted)
    test(`${changes.join("; ")} is applied`, () => assert.deepEqual(applyChanges({}, changes), defaults));
  for (const [change, message] of refused)
    test(`${change || "nothing"} is refused`, () =>
      assert.throws(() => applyChanges({}, [change]), { name: "BrigError", message }));
  test("keeps what it does not name", () => {
    assert.deepEqual(applyChanges({ User: "a", Env: ["X=1", "Y=2"] }, ["ENV X=3"]), {
      User: "a",
      Env: ["X=3", "Y=2"],
    });
  });
});
