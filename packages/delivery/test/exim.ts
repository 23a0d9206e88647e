// A real mail server from Debian, run by the test on a port of its own: its files are in a folder that is thrown away.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const BINARY = "/usr/sbin/exim4";
const LOOKS_MAX = 300;

/** Null where it can run; else why not. */
export function whyNoExim(): string | null {
  if (!existsSync(BINARY)) return "exim4 is not installed: apt-get install exim4-daemon-light";
  return process.getuid?.() === 0 ? null : "exim4 is started by root alone";
}

/** One that takes mails over TLS alone, of those who log in. */
export const LOGIN = { user: "slipway", password: "correct horse" } as const;

/** What stands for it in the file: nothing is encrypted, and anybody may send, where it is null. */
type Guarded = { readonly tlsPort: number };

function guardedText(dir: string, { tlsPort }: Guarded): string {
  return `tls_advertise_hosts = *
tls_certificate = ${dir}/cert.pem
tls_privatekey = ${dir}/key.pem
tls_on_connect_ports = ${tlsPort}
acl_smtp_auth = auth
begin acl
auth:
  accept encrypted = *
  deny message = not in the open
rcpt:
  accept authenticated = *
         domains = +here
  deny message = log in first
`;
}

const AUTHENTICATORS = `begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${LOGIN.user}}}{eq{$auth3}{${LOGIN.password}}}}}
  server_set_id = $auth2
`;

const OPEN = `tls_advertise_hosts =
begin acl
rcpt:
  accept domains = +here
  deny message = no such domain here
`;

function configOf(dir: string, port: number, guarded: Guarded | null): string {
  const ports = guarded === null ? `${port}` : `${port} : ${guarded.tlsPort}`;
  return `exim_path = ${BINARY}
spool_directory = ${dir}/spool
log_file_path = ${dir}/log/%slog
pid_file_path = ${dir}/pid
primary_hostname = mail.test
domainlist here = example.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${ports}
acl_smtp_rcpt = rcpt
acl_smtp_data = data
${guarded === null ? OPEN : guardedText(dir, guarded)}data:
  accept
begin routers
all:
  driver = accept
  domains = +here
  transport = box
begin transports
box:
  driver = appendfile
  file = ${dir}/box/all
  check_string =
  user = Debian-exim
  group = Debian-exim
${guarded === null ? "" : AUTHENTICATORS}`;
}

export class Exim {
  port = 0;
  /** Where it speaks TLS from the first byte; 0 where it speaks none. */
  tlsPort = 0;
  /** Of itself, for `localhost`; empty where it speaks no TLS. */
  certificate = "";
  readonly #dir: string;
  #child: ChildProcess | null = null;

  constructor() {
    this.#dir = mkdtempSync(join(tmpdir(), "slipway-exim-"));
    chmodSync(this.#dir, 0o755);
    for (const name of ["spool", "log", "box"]) {
      mkdirSync(join(this.#dir, name));
      chmodSync(join(this.#dir, name), 0o777);
    }
  }

  /** `isGuarded`: over TLS, with a login. */
  async start(isGuarded: boolean = false): Promise<this> {
    this.port = await freePort();
    if (isGuarded) {
      this.tlsPort = await freePort();
      this.#certify();
    }
    const config = join(this.#dir, "exim.conf");
    const guarded = isGuarded ? { tlsPort: this.tlsPort } : null;
    writeFileSync(config, configOf(this.#dir, this.port, guarded));
    this.#child = spawn(BINARY, ["-bdf", "-C", config], { stdio: "ignore" });
    await until(
      () => canConnect(this.port),
      () => `exim does not listen; ${this.#log()}`,
    );
    return this;
  }

  /** All that it has delivered, once there is something. */
  async box(): Promise<string> {
    const file = join(this.#dir, "box", "all");
    await until(
      () => Promise.resolve(existsSync(file) && readFileSync(file).length > 0),
      () => `no mail came; ${this.#log()}`,
    );
    return readFileSync(file, "utf8");
  }

  stop(): void {
    this.#child?.kill();
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5 });
  }

  #certify(): void {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const files = ["-days", "2", "-keyout", "key.pem", "-out", "cert.pem"];
    execFileSync("openssl", ["req", "-x509", ...key, ...subject, ...files], {
      cwd: this.#dir,
      stdio: "ignore",
    });
    // The server reads it as a user of its own.
    chmodSync(join(this.#dir, "key.pem"), 0o644);
    this.certificate = readFileSync(join(this.#dir, "cert.pem"), "utf8");
  }

  #log(): string {
    return ["main", "panic"]
      .map((name) => join(this.#dir, "log", `${name}log`))
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, "utf8"))
      .join("\n");
  }
}

async function until(isSo: () => Promise<boolean>, why: () => string): Promise<void> {
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    if (await isSo()) return;
    await wait(100);
  }
  throw new Error(why());
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
