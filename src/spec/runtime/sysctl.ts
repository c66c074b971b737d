/**
 * The path below /proc/sys that a kernel parameter's name means, e.g. "net.ipv4.ip_forward" →
 * "net/ipv4/ip_forward"; undefined when it is none.
 *
 * As for sysctl(8) the first separator decides: in "net.ipv4.conf.eth0/1.forwarding" the dots separate and the
 * slash stands for a dot; in "net/ipv4/conf/eth0.1/forwarding" the slashes do, and a dot is only a dot.
 * Names with an empty, "." or ".." component are refused: "net.//.kernel.core_pattern" must not pass as a
 * parameter of the network namespace. The kernel layer writes to this path and to no other reading of the name.
 */
export function sysctlPath(name: string): string | undefined {
  const [dot, slash] = [name.indexOf("."), name.indexOf("/")];
  if ((dot < 0 && slash < 0) || name.includes("\0")) return undefined;
  const parts =
    slash >= 0 && (dot < 0 || slash < dot)
      ? name.split("/")
      : name.split(".").map((part) => part.replaceAll("/", "."));
  return parts.some((part) => part === "" || part === "." || part === "..") ? undefined : parts.join("/");
}
