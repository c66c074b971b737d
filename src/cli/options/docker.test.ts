/**
 * What the real `docker` (28.2) answers to command lines that make no sense, with its name replaced by ours.
 * Where that docker is installed the same table is run against it, and whole texts are compared.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { resolve } from "../flags/resolve.ts";
import { UsageError } from "../flags/usage-error.ts";
import { brig } from "./program.ts";

/** Command line, exit code, first line on stderr. */
const complaints: readonly (readonly [string, number, string])[] = [
  ["run", 1, "brig: 'brig run' requires at least 1 argument"],
  ["run --x", 125, "unknown flag: --x"],
  ["run -xyz i", 125, "unknown shorthand flag: 'x' in -xyz"],
  ["run -ixz i", 125, "unknown shorthand flag: 'x' in -xz"],
  ["run --name", 125, "flag needs an argument: --name"],
  ["run -m", 125, "flag needs an argument: 'm' in -m"],
  ["run -e", 125, "flag needs an argument: 'e' in -e"],
  ["run -p", 125, "flag needs an argument: 'p' in -p"],
  ["run -u", 125, "flag needs an argument: 'u' in -u"],
  ["run --net", 125, "flag needs an argument: --net"],
  ["run --network", 125, "flag needs an argument: --network"],
  ["run --publish", 125, "flag needs an argument: --publish"],
  ["run --env", 125, "flag needs an argument: --env"],
  ["run -h", 125, "flag needs an argument: 'h' in -h"],
  ["run --", 1, "brig: 'brig run' requires at least 1 argument"],
  ["run -ti", 1, "brig: 'brig run' requires at least 1 argument"],
  ["run -it=false", 1, "brig: 'brig run' requires at least 1 argument"],
  ["run -te A=B", 1, "brig: 'brig run' requires at least 1 argument"],
  ["run -itfoo i", 125, "unknown shorthand flag: 'f' in -foo"],
  ["run -p i", 1, "brig: 'brig run' requires at least 1 argument"],
  ["run -m x i", 125, 'invalid argument "x" for "-m, --memory" flag: invalid size: \'x\''],
  [
    "run --memory 1g5 i",
    125,
    'invalid argument "1g5" for "-m, --memory" flag: strconv.ParseFloat: parsing "1g5": invalid syntax',
  ],
  ["run -m 1gg i", 125, 'invalid argument "1gg" for "-m, --memory" flag: invalid suffix: \'gg\''],
  ["run -m -1 i", 125, 'invalid argument "-1" for "-m, --memory" flag: invalid size: \'-1\''],
  ["run --memory-swap x i", 125, 'invalid argument "x" for "--memory-swap" flag: invalid size: \'x\''],
  ["run --memory-swap -2 i", 125, 'invalid argument "-2" for "--memory-swap" flag: invalid size: \'-2\''],
  ["run --shm-size x i", 125, 'invalid argument "x" for "--shm-size" flag: invalid size: \'x\''],
  ["run --cpus x i", 125, 'invalid argument "x" for "--cpus" flag: failed to parse x as a rational number'],
  [
    "run --cpus 1.5x i",
    125,
    'invalid argument "1.5x" for "--cpus" flag: failed to parse 1.5x as a rational number',
  ],
  [
    "run --cpus=0.0000000001 i",
    125,
    'invalid argument "0.0000000001" for "--cpus" flag: value is too precise',
  ],
  ["run --cpus 1/3 i", 125, 'invalid argument "1/3" for "--cpus" flag: value is too precise'],
  [
    "run --cpus 1/0 i",
    125,
    'invalid argument "1/0" for "--cpus" flag: failed to parse 1/0 as a rational number',
  ],
  [
    "run --rm=x i",
    125,
    'invalid argument "x" for "--rm" flag: strconv.ParseBool: parsing "x": invalid syntax',
  ],
  [
    "run -d=x i",
    125,
    'invalid argument "x" for "-d, --detach" flag: strconv.ParseBool: parsing "x": invalid syntax',
  ],
  [
    "run -itd=x i",
    125,
    'invalid argument "x" for "-d, --detach" flag: strconv.ParseBool: parsing "x": invalid syntax',
  ],
  [
    "run --detach --detach=x i",
    125,
    'invalid argument "x" for "-d, --detach" flag: strconv.ParseBool: parsing "x": invalid syntax',
  ],
  [
    "run --help=x",
    125,
    'invalid argument "x" for "--help" flag: strconv.ParseBool: parsing "x": invalid syntax',
  ],
  ["run --ulimit x i", 125, 'invalid argument "x" for "--ulimit" flag: invalid ulimit argument: x'],
  [
    "run --ulimit nofile=x i",
    125,
    'invalid argument "nofile=x" for "--ulimit" flag: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  [
    "run --ulimit nofile=5:2 i",
    125,
    'invalid argument "nofile=5:2" for "--ulimit" flag: ulimit soft limit must be less than or equal to hard limit: 5 > 2',
  ],
  [
    "run --ulimit nofile=-1:5 i",
    125,
    'invalid argument "nofile=-1:5" for "--ulimit" flag: ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: 5',
  ],
  ["run --ulimit foo=5 i", 125, 'invalid argument "foo=5" for "--ulimit" flag: invalid ulimit type: foo'],
  [
    "run --ulimit nofile=1:2:3 i",
    125,
    'invalid argument "nofile=1:2:3" for "--ulimit" flag: too many limit value arguments - 1:2:3, can only have up to two, `soft[:hard]`',
  ],
  [
    "run --ulimit nofile= i",
    125,
    'invalid argument "nofile=" for "--ulimit" flag: strconv.ParseInt: parsing "": invalid syntax',
  ],
  [
    "run --pids-limit x i",
    125,
    'invalid argument "x" for "--pids-limit" flag: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  [
    "run --oom-score-adj 99999999999999999999 i",
    125,
    'invalid argument "99999999999999999999" for "--oom-score-adj" flag: strconv.ParseInt: parsing "99999999999999999999": value out of range',
  ],
  [
    "run --cpu-shares 1.2 i",
    125,
    'invalid argument "1.2" for "-c, --cpu-shares" flag: strconv.ParseInt: parsing "1.2": invalid syntax',
  ],
  [
    "run --cpu-shares 08 i",
    125,
    'invalid argument "08" for "-c, --cpu-shares" flag: strconv.ParseInt: parsing "08": invalid syntax',
  ],
  [
    "run --blkio-weight 70000 i",
    125,
    'invalid argument "70000" for "--blkio-weight" flag: strconv.ParseUint: parsing "70000": value out of range',
  ],
  [
    "run --blkio-weight -1 i",
    125,
    'invalid argument "-1" for "--blkio-weight" flag: strconv.ParseUint: parsing "-1": invalid syntax',
  ],
  [
    "run --stop-timeout x i",
    125,
    'invalid argument "x" for "--stop-timeout" flag: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  ["run --sysctl x i", 125, 'invalid argument "x" for "--sysctl" flag: sysctl \'x\' is not allowed'],
  [
    "run --sysctl fs.file-max=1 i",
    125,
    'invalid argument "fs.file-max=1" for "--sysctl" flag: sysctl \'fs.file-max=1\' is not allowed',
  ],
  ["run --add-host x i", 125, 'invalid argument "x" for "--add-host" flag: bad format for add-host: "x"'],
  [
    "run --add-host a:b i",
    125,
    'invalid argument "a:b" for "--add-host" flag: invalid IP address in add-host: "b"',
  ],
  [
    "run --add-host a: i",
    125,
    'invalid argument "a:" for "--add-host" flag: invalid IP address in add-host: ""',
  ],
  ["run --dns x i", 125, 'invalid argument "x" for "--dns" flag: IP address is not correctly formatted: x'],
  [
    "run --dns-search a..b i",
    125,
    'invalid argument "a..b" for "--dns-search" flag: a..b is not a valid domain',
  ],
  ["run -v ::: i", 125, "brig: invalid spec: :::: empty section between colons"],
  ["run -v /a: i", 125, "brig: invalid spec: /a:: empty section between colons"],
  [
    "run --mount x i",
    125,
    'invalid argument "x" for "--mount" flag: invalid field \'x\' must be a key=value pair',
  ],
  ["run --mount type=x i", 125, 'invalid argument "type=x" for "--mount" flag: target is required'],
  [
    "run --mount type=bind,source=/a i",
    125,
    'invalid argument "type=bind,source=/a" for "--mount" flag: target is required',
  ],
  [
    "run --mount type=bind,source=/a,target=/b,foo=1 i",
    125,
    "invalid argument \"type=bind,source=/a,target=/b,foo=1\" for \"--mount\" flag: unexpected key 'foo' in 'foo=1'",
  ],
  [
    "run --mount type=bind,source=/a,target=/b,readonly=z i",
    125,
    'invalid argument "type=bind,source=/a,target=/b,readonly=z" for "--mount" flag: invalid value for readonly: z',
  ],
  [
    "run --mount type=tmpfs,target=/b,tmpfs-size=z i",
    125,
    'invalid argument "type=tmpfs,target=/b,tmpfs-size=z" for "--mount" flag: invalid value for tmpfs-size: z',
  ],
  [
    "run --mount type=tmpfs,target=/b,tmpfs-mode=9 i",
    125,
    'invalid argument "type=tmpfs,target=/b,tmpfs-mode=9" for "--mount" flag: invalid value for tmpfs-mode: 9',
  ],
  [
    "run --mount type=volume,target=/b,volume-nocopy=z i",
    125,
    'invalid argument "type=volume,target=/b,volume-nocopy=z" for "--mount" flag: invalid value for volume-nocopy: z',
  ],
  [
    "run --mount type=volume,target=/b,bind-propagation=private i",
    125,
    "invalid argument \"type=volume,target=/b,bind-propagation=private\" for \"--mount\" flag: cannot mix 'bind-*' options with mount type 'volume'",
  ],
  [
    "run --mount type=bind,src=/a,dst=/b,bind-recursive=readonly i",
    125,
    "invalid argument \"type=bind,src=/a,dst=/b,bind-recursive=readonly\" for \"--mount\" flag: option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction",
  ],
  [
    "run --mount type=bind,src=/a,dst=/b,bind-recursive=x i",
    125,
    'invalid argument "type=bind,src=/a,dst=/b,bind-recursive=x" for "--mount" flag: invalid value for bind-recursive: x (must be "enabled", "disabled", "writable", or "readonly")',
  ],
  [
    'run --mount type=bind,src=/a"b,dst=/b i',
    125,
    'invalid argument "type=bind,src=/a\\"b,dst=/b" for "--mount" flag: parse error on line 1, column 17: bare " in non-quoted-field',
  ],
  [
    'run --mount type=bind,"src=/a"b,dst=/b i',
    125,
    'invalid argument "type=bind,\\"src=/a\\"b,dst=/b" for "--mount" flag: parse error on line 1, column 18: extraneous or missing " in quoted-field',
  ],
  [
    "run --mount type=bind,source i",
    125,
    'invalid argument "type=bind,source" for "--mount" flag: invalid field \'source\' must be a key=value pair',
  ],
  ["run -e =x i", 125, 'invalid argument "=x" for "-e, --env" flag: invalid environment variable: =x'],
  ["run -l =x i", 125, 'invalid argument "=x" for "-l, --label" flag: invalid label \'=x\': empty name'],
  ["run --network x,y=z i", 125, 'invalid argument "x,y=z" for "--network" flag: invalid field x'],
  [
    "run --network name=x,y=z i",
    125,
    'invalid argument "name=x,y=z" for "--network" flag: invalid field key y',
  ],
  [
    "run --network alias=x i",
    125,
    'invalid argument "alias=x" for "--network" flag: network name/id is not specified',
  ],
  ["run --network name=a --network name=a i", 125, 'brig: network "a" is specified multiple times'],
  [
    "run --network host --network b i",
    125,
    "brig: conflicting options: cannot attach both user-defined and non-user-defined network-modes",
  ],
  [
    "run --restart on-failure:x i",
    125,
    "brig: invalid restart policy format: maximum retry count must be an integer",
  ],
  ["run --restart :3 i", 125, "brig: invalid restart policy format: no policy provided before colon"],
  ["run --pid x i", 125, "brig: --pid: invalid PID mode"],
  ["run --pid container: i", 125, "brig: --pid: invalid PID mode"],
  ["run --uts x i", 125, "brig: --uts: invalid UTS mode"],
  ["run --userns x i", 125, "brig: --userns: invalid USER mode"],
  ["run --cgroupns x i", 125, "brig: --cgroupns: invalid CGROUP mode"],
  ["run --pull x i", 125, 'brig: invalid pull option: \'x\': must be one of "always", "missing" or "never"'],
  [
    "run --platform x i",
    125,
    'brig: error parsing specified platform: "x": unknown operating system or architecture: invalid argument',
  ],
  [
    "run --platform a/b/c/d i",
    125,
    'brig: error parsing specified platform: "a/b/c/d": cannot parse platform specifier: invalid argument',
  ],
  [
    "run --attach x i",
    125,
    'invalid argument "x" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR',
  ],
  ["run --mac-address x i", 125, "brig: x is not a valid mac address"],
  ["run --security-opt x i", 125, 'brig: Invalid --security-opt: "x"'],
  ["run --security-opt seccomp= i", 125, 'brig: Invalid --security-opt: "seccomp="'],
  ["create", 1, "brig: 'brig create' requires at least 1 argument"],
  ["create -d i", 125, "unknown shorthand flag: 'd' in -d"],
  ["create -x", 125, "unknown shorthand flag: 'x' in -x"],
  ["exec", 1, "brig: 'brig exec' requires at least 2 arguments"],
  ["exec a", 1, "brig: 'brig exec' requires at least 2 arguments"],
  ["exec --privileged", 1, "brig: 'brig exec' requires at least 2 arguments"],
  ["exec -e", 125, "flag needs an argument: 'e' in -e"],
  ["ps x", 1, "brig: 'brig ps' accepts no arguments"],
  ["ps --foo", 125, "unknown flag: --foo"],
  ["ps --al", 125, "unknown flag: --al"],
  [
    "ps -n x",
    125,
    'invalid argument "x" for "-n, --last" flag: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  [
    "ps -n5x",
    125,
    'invalid argument "5x" for "-n, --last" flag: strconv.ParseInt: parsing "5x": invalid syntax',
  ],
  [
    "ps -n=",
    125,
    'invalid argument "=" for "-n, --last" flag: strconv.ParseInt: parsing "=": invalid syntax',
  ],
  ["ps -ln", 125, "flag needs an argument: 'n' in -n"],
  ["ps -aq=", 125, "unknown shorthand flag: '=' in -="],
  ["ps --=x", 125, "bad flag syntax: --=x"],
  ["ps ---a", 125, "bad flag syntax: ---a"],
  [
    "ps --all=",
    125,
    'invalid argument "" for "-a, --all" flag: strconv.ParseBool: parsing "": invalid syntax',
  ],
  [
    "ps --no-trunc=maybe",
    125,
    'invalid argument "maybe" for "--no-trunc" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
  ],
  [
    "ps -f x",
    125,
    'invalid argument "x" for "-f, --filter" flag: bad format of filter (expected name=value)',
  ],
  ["ps -f", 125, "flag needs an argument: 'f' in -f"],
  ["ps -- -a", 1, "brig: 'brig ps' accepts no arguments"],
  ["ps -", 1, "brig: 'brig ps' accepts no arguments"],
  ["ps help", 1, "brig: 'brig ps' accepts no arguments"],
  ["logs", 1, "brig: 'brig logs' requires 1 argument"],
  ["logs a b", 1, "brig: 'brig logs' requires 1 argument"],
  ["logs --tail", 125, "flag needs an argument: --tail"],
  ["logs -n", 125, "flag needs an argument: 'n' in -n"],
  ["stop", 1, "brig: 'brig stop' requires at least 1 argument"],
  [
    "stop -t x a",
    125,
    'invalid argument "x" for "-t, --timeout" flag: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  [
    "stop --time x a",
    125,
    'invalid argument "x" for "--time" flag: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  ["stop --time=5", 1, "brig: 'brig stop' requires at least 1 argument"],
  ["stop -t", 125, "flag needs an argument: 't' in -t"],
  ["rm", 1, "brig: 'brig rm' requires at least 1 argument"],
  ["rm -x a", 125, "unknown shorthand flag: 'x' in -x"],
  ["kill", 1, "brig: 'brig kill' requires at least 1 argument"],
  ["kill -s", 125, "flag needs an argument: 's' in -s"],
  ["inspect", 1, "brig: 'brig inspect' requires at least 1 argument"],
  ["images a b c", 1, "brig: 'brig images' requires at most 1 argument"],
  ["wait", 1, "brig: 'brig wait' requires at least 1 argument"],
  ["start", 1, "brig: 'brig start' requires at least 1 argument"],
  ["attach", 1, "brig: 'brig attach' requires 1 argument"],
  ["attach a b", 1, "brig: 'brig attach' requires 1 argument"],
  ["version x", 1, "brig: 'brig version' accepts no arguments"],
  ["version --format", 125, "flag needs an argument: --format"],
  ["info x", 1, "brig: 'brig info' accepts no arguments"],
  ["load x", 1, "brig: 'brig load' accepts no arguments"],
  ["import", 1, "brig: 'brig import' requires at least 1 argument"],
  ["rmi", 1, "brig: 'brig rmi' requires at least 1 argument"],
  ["-x", 125, "unknown shorthand flag: 'x' in -x"],
  ["--foo", 125, "unknown flag: --foo"],
  ["--foo run", 125, "unknown flag: --foo"],
  ["foo", 1, "brig: unknown command: brig foo"],
  ["container foo", 1, "brig: unknown command: brig container foo"],
  ["container --foo", 125, "unknown flag: --foo"],
  ["container -x", 125, "unknown shorthand flag: 'x' in -x"],
  ["container help run", 1, "brig: unknown command: brig container help"],
  ["container run", 1, "brig: 'brig container run' requires at least 1 argument"],
  ["container run --x", 125, "unknown flag: --x"],
  ["container ls x", 1, "brig: 'brig container ls' accepts no arguments"],
  ["container exec", 1, "brig: 'brig container exec' requires at least 2 arguments"],
  ["image foo", 1, "brig: unknown command: brig image foo"],
  ["image ls a b", 1, "brig: 'brig image ls' requires at most 1 argument"],
  ["system foo", 1, "brig: unknown command: brig system foo"],
  ["help foo", 1, "unknown help topic: foo"],
  ["help container foo", 1, "unknown help topic: foo"],
];

const environment = {
  PATH: process.env.PATH ?? "",
  HOME: "/nonexistent",
  DOCKER_HOST: "unix:///nonexistent.sock",
};

test("a command line that makes no sense is refused with Docker's reason and exit code", () => {
  for (const [line, exit, reason] of complaints) {
    const error = complaintOf(line);
    assert.deepEqual([error.exit, error.text.split("\n")[0]], [exit, reason], line);
  }
});

const installed = spawnSync("docker", ["--version"], { encoding: "utf8" }).stdout ?? "";
const skip = installed.includes(" 28.") ? false : "docker 28 is not installed";

test("the real docker says the same", { skip }, () => {
  for (const [line] of complaints) {
    const { status, stderr } = spawnSync("docker", line.split(" "), { env: environment, encoding: "utf8" });
    const text = stderr
      .replaceAll("docker", "brig")
      .replace("SRun ", "Run ") // a slip of the pen in 28.2
      .replace(/^Flag --.*\n/, "");
    const error = complaintOf(line);
    assert.deepEqual([error.exit, error.text], [status, text.trimEnd()], line);
  }
});

function complaintOf(line: string): UsageError {
  try {
    resolve(brig, line.split(" "));
  } catch (error) {
    assert(error instanceof UsageError, line);
    return error;
  }
  throw new assert.AssertionError({ message: `brig accepts: ${line}` });
}
