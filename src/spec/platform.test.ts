import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  bestMatch,
  compatiblePlatforms,
  formatPlatform,
  normalizePlatform,
  parsePlatform,
  samePlatform,
} from "./platform.ts";

const host = { os: "linux", architecture: "amd64" };

const parsed: readonly (readonly [text: string, platform: string])[] = [
  ["linux/amd64", "linux/amd64"],
  ["linux", "linux/amd64"],
  ["arm64", "linux/arm64"],
  ["x86_64", "linux/amd64"],
  ["Linux/AARCH64", "linux/arm64"],
  ["linux/arm64/v8", "linux/arm64/v8"],
  ["linux/amd64/v1", "linux/amd64"],
  ["linux/amd64/v3", "linux/amd64/v3"],
  ["linux/arm", "linux/arm"],
  ["linux/arm/7", "linux/arm/v7"],
  ["linux/armhf", "linux/arm"],
  ["linux/armel", "linux/arm/v6"],
  ["linux/i386", "linux/386"],
  ["macos/arm64", "darwin/arm64"],
  ["wasi/wasm", "wasi/wasm"],
  ["wasm", "linux/wasm"],
  ["windows(10.0.17763)/amd64", "windows/amd64"],
];

describe("a platform", () => {
  for (const [text, platform] of parsed) {
    test(`${text} is ${platform}`, () => assert.equal(formatPlatform(parsePlatform(text, host)), platform));
  }

  for (const text of ["", "linux/", "linux/arm/v7/x", "linux/a b", "plan10", "*/amd64", "linux\n"]) {
    test(`${JSON.stringify(text)} is refused`, () => {
      assert.throws(() => parsePlatform(text, host), { name: "BrigError", kind: "invalid" });
    });
  }

  test("keeps the version of its system", () => {
    assert.equal(parsePlatform("windows(10.0.17763)/amd64", host)["os.version"], "10.0.17763");
  });

  test("takes the variant of an ARM host when only the system is named", () => {
    const of = (variant: string) => parsePlatform("linux", { os: "linux", architecture: "arm", variant });
    assert.deepEqual([of("v6").variant, of("v7").variant], ["v6", undefined]);
  });

  test("is the same in all its spellings", () => {
    assert.deepEqual(normalizePlatform({ os: "Linux", architecture: "aarch64", variant: "8" }), {
      os: "linux",
      architecture: "arm64",
    });
    assert.ok(samePlatform({ os: "linux", architecture: "armhf" }, { os: "linux", architecture: "arm" }));
    assert.ok(
      !samePlatform(
        { os: "linux", architecture: "arm", variant: "v6" },
        { os: "linux", architecture: "arm" },
      ),
    );
  });

  const orders: readonly (readonly [text: string, order: string])[] = [
    ["linux/amd64", "linux/amd64 linux/386"],
    ["linux/amd64/v3", "linux/amd64/v3 linux/amd64/v2 linux/amd64 linux/386"],
    ["linux/arm64", "linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5"],
    ["linux/arm/v6", "linux/arm/v6 linux/arm/v5"],
    ["linux/s390x", "linux/s390x"],
  ];
  for (const [text, order] of orders) {
    test(`${text} runs images of ${order}, in this order`, () => {
      assert.equal(compatiblePlatforms(parsePlatform(text, host)).map(formatPlatform).join(" "), order);
    });
  }

  test("chooses the best of several images, the first of equals, and none where none fits", () => {
    const images = ["linux/386", "linux/arm/v7", "linux/amd64", "linux/amd64/v1"].map((text, id) => ({
      id,
      platform: parsePlatform(text, host),
    }));
    assert.equal(bestMatch(images, host)?.id, 2);
    assert.equal(bestMatch(images, { os: "linux", architecture: "arm64" })?.id, 1);
    assert.equal(bestMatch(images, { os: "linux", architecture: "s390x" }), undefined);
    assert.equal(bestMatch([{}], host), undefined);
  });
});
