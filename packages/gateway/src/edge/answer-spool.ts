// Kept answers on disk: JSON lines in files of their own per model and worker, readable by this user alone. Files rotate by
// size and age; the oldest go when they are too many or too old. Writing never waits: what the disk cannot take is refused.

import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  type WriteStream,
} from "node:fs";
import { join } from "node:path";
import { ANSWER_FILE_MS_MAX, answerFileName } from "@slipway/wire";
import type { AnswerSpool, Log } from "../ports.ts";

const FILE_BYTES_MAX = 16 * 2 ** 20;
/** Bytes that wait for the disk. */
const BUFFER_BYTES_MAX = 4 * 2 ** 20;

type Open = { stream: WriteStream; bytes: number; openedMs: number; isBroken: boolean };

type Limits = { readonly bytesMax: number; readonly ageMsMax: number };

export function answersDir(dataDir: string): string {
  return join(dataDir, "answers");
}

export function answerSpool(
  dataDir: string,
  worker: number,
  log: Log,
): AnswerSpool & { readonly close: () => Promise<void> } {
  const open = new Map<string, Open>();
  const fileOf = (model: string, limits: Limits): Open => {
    const known = open.get(model);
    const isDue =
      known === undefined ||
      known.isBroken ||
      known.bytes >= Math.min(FILE_BYTES_MAX, limits.bytesMax / 4) ||
      Date.now() - known.openedMs >= ANSWER_FILE_MS_MAX;
    if (!isDue) return known;
    known?.stream.end();
    const folder = join(answersDir(dataDir), encodeURIComponent(model));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    prune(folder, worker, limits);
    const path = join(folder, answerFileName(worker, Date.now()));
    const stream = createWriteStream(path, { flags: "a", mode: 0o600 });
    const next: Open = { stream, bytes: 0, openedMs: Date.now(), isBroken: false };
    stream.on("error", (error) => {
      next.isBroken = true;
      log.error({ model, reason: error.message }, "kept answers cannot be written");
    });
    open.set(model, next);
    return next;
  };
  return {
    write: (model, line, limits) => {
      try {
        const file = fileOf(model, limits);
        if (file.isBroken || file.stream.writableLength > BUFFER_BYTES_MAX) return false;
        file.bytes += Buffer.byteLength(line);
        file.stream.write(line);
        return true;
      } catch (error) {
        log.error({ model, reason: String(error) }, "kept answers cannot be written");
        return false;
      }
    },
    close: async () => {
      const ended = [...open.values()].map(
        ({ stream }) => new Promise<void>((resolve) => stream.end(() => resolve())),
      );
      open.clear();
      await Promise.all(ended);
    },
  };
}

/** Leaves room for the file that is about to begin. */
function prune(folder: string, worker: number, { bytesMax, ageMsMax }: Limits): void {
  const own = readdirSync(folder).filter((name) => name.startsWith(`worker-${worker}-`));
  const files = own
    .map((name) => ({ path: join(folder, name), ...statOf(join(folder, name)) }))
    .sort((a, b) => b.modifiedMs - a.modifiedMs);
  let bytes = Math.min(FILE_BYTES_MAX, bytesMax / 4);
  for (const file of files) {
    bytes += file.bytes;
    const isOld = Date.now() - file.modifiedMs > ageMsMax;
    if (bytes > bytesMax || isOld) rmSync(file.path, { force: true });
  }
}

function statOf(path: string): { readonly bytes: number; readonly modifiedMs: number } {
  const { size, mtimeMs } = statSync(path);
  return { bytes: size, modifiedMs: mtimeMs };
}

export type KeptFile = {
  readonly model: string;
  readonly path: string;
  readonly answers: number;
  readonly bytes: number;
  readonly modifiedMs: number;
};

/** What a gateway has kept, the newest last; works with no gateway alive. */
export async function keptFiles(dataDir: string): Promise<readonly KeptFile[]> {
  const root = answersDir(dataDir);
  const files: KeptFile[] = [];
  for (const folder of namesIn(root)) {
    for (const name of namesIn(join(root, folder))) {
      const path = join(root, folder, name);
      const answers = await linesIn(path);
      files.push({ model: decodeURIComponent(folder), path, answers, ...statOf(path) });
    }
  }
  return files.sort((a, b) => a.modifiedMs - b.modifiedMs);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Nothing has been kept yet.
    return [];
  }
}

async function linesIn(path: string): Promise<number> {
  let lines = 0;
  for await (const chunk of createReadStream(path)) {
    for (const byte of chunk as Buffer) if (byte === 0x0a) lines++;
  }
  return lines;
}
