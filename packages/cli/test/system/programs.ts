// Real controllers and gateways as child processes, and a line between them that can be cut.

import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { ModelDocument } from "@slipway/wire";
import { loadConfig } from "@slipway/wire/config";
import { MAIN } from "../slipway.ts";

export type Program = { readonly child: ChildProcess; readonly port: number };

/** Starts `slipway ARGS`; resolves once it listens. */
export async function launch(args: readonly string[]): Promise<Program> {
  const child = fork(MAIN, [...args, "--log-level", "error"], {
    execArgv: ["--conditions=@slipway/source"],
  });
  const [first] = await Promise.race([once(child, "message"), once(child, "exit")]);
  if (typeof first !== "object" || first === null || first.type !== "ready") {
    throw new Error(`slipway ${args.join(" ")} did not start: ${JSON.stringify(first)}`);
  }
  return { child, port: Number(first.port) };
}

export async function end(program: Program, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  if (program.child.exitCode !== null || program.child.signalCode !== null) return;
  const exit = once(program.child, "exit");
  program.child.kill(signal);
  await exit;
}

export function modelsOf(text: string): readonly ModelDocument[] {
  const loaded = loadConfig({
    file: "slipway.yaml",
    text,
    sha256: (value) => createHash("sha256").update(value).digest("hex"),
    isSet: null,
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.models;
}

export type Line = {
  readonly url: string;
  /** Breaks every connection, and takes no new one. */
  readonly cut: () => void;
  readonly mend: () => void;
  readonly close: () => void;
};

/** A TCP line to a port of this machine. */
export async function lineTo(port: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      // A broken connection is what this line is for.
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut: () => {
      whole = false;
      destroyAll();
    },
    mend: () => {
      whole = true;
    },
    close: () => {
      destroyAll();
      server.close();
    },
  };
}
