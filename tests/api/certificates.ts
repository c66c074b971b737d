/** An authority of a test's own, with certificates for a service, for a client, and for somebody else's client. */

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificates {
  readonly authority: string;
  /** Of the same name, and another one. */
  readonly other: string;
  readonly server: Pair;
  readonly client: Pair;
  /** Signed by the other authority. */
  readonly stranger: Pair;
}

export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

export function makeCertificates(folder: string): Certificates {
  const authority = selfSigned(folder, "ca");
  const other = selfSigned(folder, "other");
  return {
    authority: authority.certificate,
    other: other.certificate,
    server: signed(folder, "server", authority, "serverAuth", "subjectAltName=IP:127.0.0.1,DNS:localhost"),
    client: signed(folder, "alice", authority, "clientAuth"),
    stranger: signed(folder, "mallory", other, "clientAuth"),
  };
}

const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { stdio: "pipe" });

const pair = (folder: string, name: string): Pair => ({
  certificate: join(folder, `${name}.pem`),
  key: join(folder, `${name}.key`),
});

const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

function selfSigned(folder: string, name: string): Pair {
  const made = pair(folder, name);
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    made.key,
    "-out",
    made.certificate,
    "-days",
    "2",
    "-subj",
    "/CN=test",
  );
  return made;
}

function signed(
  folder: string,
  name: string,
  authority: Pair,
  usage: string,
  ...more: readonly string[]
): Pair {
  const made = pair(folder, name);
  const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)];
  writeFileSync(extensions, [`extendedKeyUsage=${usage}`, ...more].join("\n"));
  openssl("req", ...key, "-keyout", made.key, "-out", request, "-subj", `/CN=${name}`);
  openssl(
    ...[
      "x509",
      "-req",
      "-in",
      request,
      "-CA",
      authority.certificate,
      "-CAkey",
      authority.key,
      "-CAcreateserial",
    ],
    ...["-out", made.certificate, "-days", "2", "-extfile", extensions],
  );
  return made;
}
