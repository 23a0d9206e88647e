// An authority of its own for one run, and the upstream's certificate signed by it, made by openssl.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export type Certificate = {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
};

function openssl(...args: readonly string[]): void {
  const done = spawnSync("openssl", args, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`openssl ${args[0]}: ${done.stderr}`);
}

export function newCertificate(folder: string): Certificate {
  const [caFile, caKey] = [join(folder, "ca.pem"), join(folder, "ca.key")];
  const [certFile, keyFile] = [join(folder, "upstream.pem"), join(folder, "upstream.key")];
  const request = join(folder, "upstream.csr");
  const extensions = join(folder, "upstream.ext");
  writeFileSync(extensions, "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    ...["req", "-x509", ...newKey, "-keyout", caKey, "-out", caFile],
    ...["-days", "2", "-subj", "/CN=bench authority"],
  );
  openssl("req", ...newKey, "-keyout", keyFile, "-out", request, "-subj", "/CN=localhost");
  openssl(
    ...["x509", "-req", "-in", request, "-CA", caFile, "-CAkey", caKey, "-CAcreateserial"],
    ...["-out", certFile, "-days", "2", "-extfile", extensions],
  );
  return { caFile, certFile, keyFile };
}
