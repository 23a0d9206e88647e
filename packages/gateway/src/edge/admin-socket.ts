// The admin socket in the data directory: what an operator on this machine can ask of a gateway with no controller
// alive. One JSON line in, one out; who may open the file may ask.

import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join, relative } from "node:path";
import { SlipwayError } from "@slipway/wire";
import type { GatewaySnapshot } from "../snapshot.ts";
import type { Crew } from "./crew/crew.ts";
import type { DivertFile } from "./divert-file.ts";

export type AdminRequest =
  | { readonly do: "status" | "restart" }
  | { readonly do: "divert" | "undivert"; readonly model: string };

export type AdminAnswer =
  | {
      readonly ok: true;
      readonly diverted: readonly string[];
      readonly workers: readonly GatewaySnapshot[];
    }
  | {
      readonly ok: false;
      readonly error: {
        readonly code: string;
        readonly message: string;
        readonly fix: string | null;
      };
    };

const LINE_LENGTH_MAX = 64 * 2 ** 10;
const ANSWER_MS_MAX = 10_000;
/** Every worker may take its whole drain. */
const RESTART_MS_MAX = 3_600_000;
/** Whoever connects and says nothing for so long is cut off. */
const SILENCE_MS_MAX = 30_000;
/** A path of a unix socket may not be longer, on Linux. */
const SOCKET_PATH_BYTES_MAX = 107;

/** The shorter of the absolute and the relative path. Throws SlipwayError `socket_path`. */
export function adminSocketPath(dataDir: string): string {
  const path = join(dataDir, "gateway.sock");
  const near = relative(process.cwd(), path);
  const shorter = near.length < path.length ? near : path;
  if (Buffer.byteLength(shorter) <= SOCKET_PATH_BYTES_MAX) return shorter;
  throw new SlipwayError({
    code: "socket_path",
    status: 500,
    message: `the path of the admin socket is too long: ${path}`,
    fix: "Choose a data directory with a shorter path.",
  });
}

/** Asks the gateway whose data directory this is. Throws SlipwayError `gateway_unreachable`. */
export function askGateway(dataDir: string, request: AdminRequest): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(adminSocketPath(dataDir));
    const fail = (error: Error): void => {
      socket.destroy();
      reject(unreachable(dataDir, error));
    };
    let text = "";
    socket.setEncoding("utf8");
    const answerMsMax = request.do === "restart" ? RESTART_MS_MAX : ANSWER_MS_MAX;
    socket.setTimeout(answerMsMax, () => fail(new Error("no answer in time")));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("closed without an answer")));
    socket.on("data", (chunk) => {
      text += String(chunk);
      if (!text.includes("\n")) return;
      resolve(JSON.parse(text) as AdminAnswer);
      socket.destroy();
    });
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

export type AdminSocket = { readonly close: () => Promise<void> };

/** Throws SlipwayError `data_dir_in_use` when another gateway answers there. */
export async function requireFreeDataDir(dataDir: string): Promise<void> {
  const path = adminSocketPath(dataDir);
  const isAlive = await new Promise<boolean>((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("close", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
  if (!isAlive) return;
  throw new SlipwayError({
    code: "data_dir_in_use",
    status: 409,
    message: `another gateway runs with the data directory ${dataDir}`,
    fix: "Give each gateway a data directory of its own.",
  });
}

export function serveAdmin(dataDir: string, crew: Crew, file: DivertFile): Promise<AdminSocket> {
  const path = adminSocketPath(dataDir);
  // One that a killed gateway left behind.
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    hear(socket, (line) => answer(line, crew, file));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve({
        close: () => closed(server, sockets),
      });
    });
  });
}

/** A shutdown waits for nobody who happens to be connected. */
function closed(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}

function hear(socket: Socket, answerTo: (line: string) => Promise<AdminAnswer>): void {
  let text = "";
  socket.setEncoding("utf8");
  socket.setTimeout(SILENCE_MS_MAX, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    text += String(chunk);
    const end = text.indexOf("\n");
    if (end === -1 && text.length > LINE_LENGTH_MAX) socket.destroy();
    if (end === -1) return;
    const line = text.slice(0, end);
    text = "";
    // It is waiting for an answer now.
    socket.setTimeout(0);
    void answerTo(line).then((reply) => socket.end(`${JSON.stringify(reply)}\n`));
  });
}

async function answer(line: string, crew: Crew, file: DivertFile): Promise<AdminAnswer> {
  try {
    const request = parsed(line);
    if (request.do === "restart") await crew.restart();
    else if (request.do === "divert" || request.do === "undivert")
      await setDivert(request.model, request.do, crew, file);
    return { ok: true, diverted: file.load(), workers: await crew.snapshots() };
  } catch (error) {
    const isOwn = error instanceof SlipwayError;
    const message = error instanceof Error ? error.message : String(error);
    const code = isOwn ? error.code : "internal";
    return { ok: false, error: { code, message, fix: isOwn ? error.fix : null } };
  }
}

function parsed(line: string): AdminRequest {
  const request = JSON.parse(line) as { readonly do?: unknown; readonly model?: unknown };
  if (request.do === "status" || request.do === "restart") return { do: request.do };
  const isKnown = request.do === "divert" || request.do === "undivert";
  if (isKnown && typeof request.model === "string" && request.model !== "") {
    return { do: request.do as "divert" | "undivert", model: request.model };
  }
  throw new SlipwayError({
    code: "bad_request",
    status: 400,
    message:
      "the admin socket takes status, restart, divert with a model, and undivert with a model",
    fix: null,
  });
}

/** Stored first, so that a worker that starts meanwhile begins with it. */
async function setDivert(
  model: string,
  action: "divert" | "undivert",
  crew: Crew,
  file: DivertFile,
): Promise<void> {
  const isOn = action === "divert";
  if (isOn) await requireModel(model, crew);
  const others = file.load().filter((name) => name !== model);
  file.save(isOn ? [...others, model].sort() : others);
  await crew.divert(model, isOn);
}

async function requireModel(model: string, crew: Crew): Promise<void> {
  const snapshots = await crew.snapshots();
  const models = new Set(snapshots.flatMap((snapshot) => snapshot.models));
  if (models.has(model)) return;
  throw new SlipwayError({
    code: "model_not_found",
    status: 404,
    message: `this gateway serves no model ${model}`,
    fix: models.size === 0 ? "It has no table yet." : `It serves ${[...models].sort().join(", ")}.`,
  });
}

function unreachable(dataDir: string, error: Error): SlipwayError {
  return new SlipwayError({
    code: "gateway_unreachable",
    status: 503,
    message: `no gateway answers in ${dataDir}: ${error.message}`,
    fix: "Check that the gateway runs, and that --data-dir is its data directory.",
  });
}
