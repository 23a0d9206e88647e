// A client that writes bytes as they are, and keeps what comes back until the connection ends or falls silent.

import { connect } from "node:net";

/** So long without a byte means that nothing more is coming. */
const SILENT_MS = 300;

export type RawAnswer = {
  /** Status codes of all answers on the connection, in order. */
  readonly statuses: readonly number[];
  readonly text: string;
  /** The gateway ended the connection. */
  readonly isClosed: boolean;
};

/** Sends `bytes` and waits for silence, or for the end. What is sent is latin1: one character, one byte. */
export function raw(port: number, bytes: string): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = "";
    let silence: NodeJS.Timeout | null = null;
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes, "latin1"));
    const finish = (isClosed: boolean): void => {
      if (silence !== null) clearTimeout(silence);
      socket.destroy();
      resolve({ statuses: statusesOf(text), text, isClosed });
    };
    const wait = (): void => {
      if (silence !== null) clearTimeout(silence);
      silence = setTimeout(() => finish(false), SILENT_MS);
    };
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => {
      text += String(chunk);
      wait();
    });
    socket.on("error", () => finish(true));
    socket.on("close", () => finish(true));
    wait();
  });
}

function statusesOf(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
}
