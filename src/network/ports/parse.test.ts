import assert from "node:assert/strict";
import { test } from "node:test";
import { type PortRequest, parseExpose, parsePublish } from "./parse.ts";

/** protocol hostIp hostPorts containerPort */
const show = ({ protocol, hostIp, hostPorts, containerPort }: PortRequest): string => {
  const range = hostPorts ? [...new Set([hostPorts.first, hostPorts.last])].join("-") : "any";
  return `${protocol} ${hostIp || "*"} ${range} ${containerPort}`;
};

const accepted = [
  ["80", "tcp * any 80"],
  ["8080:80", "tcp * 8080 80"],
  ["0:80", "tcp * any 80"],
  ["8080:80/UDP", "udp * 8080 80"],
  ["8080:80/", "tcp * 8080 80"],
  ["127.0.0.1:8080:80", "tcp 127.0.0.1 8080 80"],
  ["127.0.0.1::80", "tcp 127.0.0.1 any 80"],
  ["0.0.0.0:8080:80/sctp", "sctp 0.0.0.0 8080 80"],
  ["[::1]:8080:80", "tcp ::1 8080 80"],
  ["[2001:db8::1]::80", "tcp 2001:db8::1 any 80"],
  ["8000-8002:80-82", "tcp * 8000 80, tcp * 8001 81, tcp * 8002 82"],
  ["80-81", "tcp * any 80, tcp * any 81"],
  ["8000-8010:80", "tcp * 8000-8010 80"],
  ["published=8080,target=80", "tcp * 8080 80"],
  ["published=8080,target=80,protocol=udp,mode=host", "udp * 8080 80"],
  ["target=80", "tcp * any 80"],
] as const;
for (const [text, expected] of accepted) {
  test(`--publish ${text} is ${expected}`, () =>
    assert.equal(parsePublish(text).map(show).join(", "), expected));
}

const refused = [
  ["", "no port specified: <empty>"],
  ["8080:", "no port specified: 8080:<empty>"],
  ["/tcp", "no port specified: /tcp<empty>"],
  ["8080:x", "invalid containerPort: x"],
  ["8080:80-70", "invalid containerPort: 80-70"],
  ["8080:65536", "invalid containerPort: 65536"],
  ["8080:0", "invalid containerPort: 0"],
  ["x:80", "invalid hostPort: x"],
  ["99999:80", "invalid hostPort: 99999"],
  ["8000-8001:80-82", "invalid ranges specified for container and host Ports: 80-82 and 8000-8001"],
  ["8080:80/icmp", "invalid proto: icmp"],
  ["1.2.3:8080:80", "invalid IP address: 1.2.3"],
  ["localhost:8080:80", "invalid IP address: localhost"],
  ["::1:8080:80", "invalid IP address ::1: put IPv6 addresses in brackets, such as [::1]"],
  ["target=80,published", "invalid publish opts format (should be name=value but got 'published')"],
] as const;
for (const [text, message] of refused) {
  test(`--publish '${text}' is refused: ${message}`, () =>
    assert.throws(() => parsePublish(text), { message, kind: "invalid" }));
}

test("--expose takes ports and ranges, but no addresses", () => {
  assert.deepEqual(parseExpose("8000-8001/udp"), [
    { protocol: "udp", port: 8000 },
    { protocol: "udp", port: 8001 },
  ]);
  assert.throws(() => parseExpose("8080:80"), { message: "invalid port format for --expose: 8080:80" });
  assert.throws(() => parseExpose("x"), { message: "invalid range format for --expose: x" });
});
