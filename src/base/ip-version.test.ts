import assert from "node:assert/strict";
import { isIP } from "node:net";
import { test } from "node:test";
import { ipVersion } from "./ip-version.ts";

const texts =
  "0.0.0.0 1.2.3.4 255.255.255.255 256.1.1.1 01.2.3.4 00.0.0.0 1.2.3 1.2.3.4.5 1.2.3.4. .1.2.3.4 1..2.3 1.2.3.a " +
  "1.2.3.04 1.2.3.-4 10.0.199.249 199.200.250.256 :: ::1 fe80::1%eth0 1::2::3 ::ffff:1.2.3.4 g::1 12345::1 1.2.3.4:5 a";

test("a text is an address of the kind that Node's reader finds", () => {
  for (const text of ["", " 1.2.3.4", "1.2.3.4\n", ...texts.split(" ")])
    assert.equal(ipVersion(text), isIP(text), JSON.stringify(text));
});
