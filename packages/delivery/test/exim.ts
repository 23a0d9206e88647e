// A real mail server from Debian, run by the test on a port of its own: its files are in a folder that is thrown away.

import { type ChildProcess, spawn } from "node:child_process";
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

function configOf(dir: string, port: number): string {
  return `exim_path = ${BINARY}
spool_directory = ${dir}/spool
log_file_path = ${dir}/log/%slog
pid_file_path = ${dir}/pid
primary_hostname = mail.test
domainlist here = example.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
tls_advertise_hosts =
acl_smtp_rcpt = rcpt
acl_smtp_data = data
begin acl
rcpt:
  accept domains = +here
  deny message = no such domain here
data:
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
`;
}

export class Exim {
  port = 0;
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

  async start(): Promise<this> {
    this.port = await freePort();
    const config = join(this.#dir, "exim.conf");
    writeFileSync(config, configOf(this.#dir, this.port));
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
