/** Which kind of IP address a text is, by inet_pton(3). */

/** 0 when it is none. IPv6 is left to Node's own reader, which is not loaded for anything else. */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (dotted.test(text)) return 4;
  return text.includes(":") && process.getBuiltinModule("node:net").isIPv6(text) ? 6 : 0;
}

/** Four numbers up to 255, without leading zeros. */
const dotted = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
