/** linux.resources.hugepageLimits (runtime-spec, config-linux.md#huge-page-limits). */

import type { HugepageLimit } from "../../../spec/runtime/resources.ts";
import { type SettingContext, type Settings, sizeText } from "../setting.ts";

export function* hugetlbLimits(limits: readonly HugepageLimit[], { version }: SettingContext): Settings {
  const suffix = version === 1 ? "limit_in_bytes" : "max";
  for (const [i, { pageSize, limit }] of limits.entries()) {
    const base = {
      kind: "setting",
      controller: "hugetlb",
      value: String(limit),
      from: `linux.resources.hugepageLimits[${i}]`,
    } as const;
    const why = `limit huge pages of ${pageSize} to ${sizeText(limit)}`;
    yield { ...base, file: `hugetlb.${pageSize}.${suffix}`, why };
    // Without it a mapping is granted and its first use killed by SIGBUS; since Linux 5.7 reservations count too.
    const reserved = `limit reserved huge pages of ${pageSize} to ${sizeText(limit)}`;
    yield { ...base, file: `hugetlb.${pageSize}.rsvd.${suffix}`, why: reserved, forgive: ["ENOENT"] };
  }
}
