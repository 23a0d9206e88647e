// Certificates for tests, made on the spot by openssl: an authority of its own, and servers that it vouches for.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Pair = {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
};

export type Authority = {
  readonly caFile: string;
  readonly ca: string;
  /** A server's certificate; `names` are DNS names or addresses. */
  readonly pair: (file: string, names: readonly string[]) => Pair;
  readonly remove: () => void;
};

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export function authority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), "slipway-ca-"));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  };
  const subject = ["-subj", "/CN=test authority", "-days", "2"];
  openssl("req", "-x509", ...KEY, ...subject, "-keyout", "ca.key", "-out", "ca.pem");
  return {
    caFile: at("ca.pem"),
    ca: readFileSync(at("ca.pem"), "utf8"),
    pair: (file, names) => {
      const kinds = names.map((name) => `${/^[\d.]+$/.test(name) ? "IP" : "DNS"}:${name}`);
      writeFileSync(at(`${file}.ext`), `subjectAltName=${kinds.join(",")}\n`);
      openssl("req", ...KEY, "-subj", `/CN=${file}`, "-keyout", `${file}.key`, "-out", "csr");
      const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"];
      openssl(
        "x509",
        "-req",
        "-in",
        "csr",
        ...signing,
        "-extfile",
        `${file}.ext`,
        "-out",
        `${file}.pem`,
      );
      const [certFile, keyFile] = [at(`${file}.pem`), at(`${file}.key`)];
      const [cert, key] = [readFileSync(certFile, "utf8"), readFileSync(keyFile, "utf8")];
      return { certFile, keyFile, cert, key };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
