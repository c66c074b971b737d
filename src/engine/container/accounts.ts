/**
 * USER[:GROUP] → numbers, by the container's own /etc/passwd and /etc/group (passwd(5), group(5)), as Docker
 * resolves them. A number needs no entry; a name does.
 */

import { BrigError } from "../../base/errors.ts";

export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  readonly home: string;
}

export interface AccountFiles {
  readonly passwd: string;
  readonly group: string;
}

export function lookUp(user: string, groups: readonly string[], files: AccountFiles): Account {
  const at = user.indexOf(":");
  const [who, group] = at < 0 ? [user, ""] : [user.slice(0, at), user.slice(at + 1)];
  const people = entries(files.passwd);
  const named =
    who === ""
      ? people.find((p) => p[2] === "0")
      : (people.find((p) => p[0] === who) ?? people.find((p) => p[2] === who));
  const uid = named ? number(named[2]) : who === "" ? 0 : number(who);
  if (uid === undefined)
    throw new BrigError(
      "invalid",
      `cannot run as ${who}: unable to find user ${who}: no matching entries in passwd file`,
      { code: "no-such-user" },
    );
  const teams = entries(files.group);
  const gid = group === "" ? (number(named?.[3]) ?? 0) : groupId(group, teams);
  const own = group === "" && named ? teams.filter((t) => t[3]?.split(",").includes(named[0]!)) : [];
  // The main one as well, or a file that shuts its group out would be open to it (CVE-2022-36109).
  const additional = [gid, ...own.map((t) => number(t[2])), ...groups.map((g) => groupId(g, teams))];
  return {
    uid,
    gid,
    additionalGids: [...new Set(additional.filter((g) => g !== undefined))],
    home: named?.[5] || "/",
  };
}

function groupId(name: string, teams: readonly (readonly string[])[]): number {
  const gid = number(teams.find((t) => t[0] === name)?.[2]) ?? number(name);
  if (gid === undefined)
    throw new BrigError(
      "invalid",
      `cannot join the group ${name}: unable to find group ${name}: no matching entries in group file`,
    );
  return gid;
}

/** Longer lines are no account's. */
const longestLine = 65_536;

function entries(file: string): readonly (readonly string[])[] {
  return file
    .split("\n")
    .filter((line) => line !== "" && line.length < longestLine && !line.startsWith("#"))
    .map((line) => line.split(":"));
}

/** The largest id that setresuid(2) does not take for "no change". */
const largestId = 0xfffffffe;

function number(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= largestId ? value : undefined;
}
