// Puts the pieces of a message together, so that they leave in one write, in memory that is used again for the next one:
// memory of its own for each message costs more than filling it.

import type { Socket } from "node:net";

/** Larger messages are not copied. */
export const COPIED_BYTES_MAX: number = 64 * 2 ** 10;

/** What a message is made of: text in latin1, and bytes. */
export type Piece = string | Uint8Array;

let scratch: Buffer = Buffer.allocUnsafeSlow(COPIED_BYTES_MAX);

/** Writes all pieces; `bytes` is the length of all of them. `isPlain`: the socket itself gives the bytes to the system. */
export function writePieces(
  socket: Socket,
  pieces: readonly Piece[],
  bytes: number,
  isPlain: boolean,
): void {
  if (bytes > COPIED_BYTES_MAX) {
    writeEach(socket, pieces);
    return;
  }
  // What has to wait would be overwritten.
  if (!isPlain || socket.connecting || socket.writableLength > 0) {
    socket.write(filled(Buffer.allocUnsafe(bytes), pieces));
    return;
  }
  socket.write(filled(scratch, pieces).subarray(0, bytes));
  // The system has not taken all of it.
  if (socket.writableLength > 0) scratch = Buffer.allocUnsafeSlow(COPIED_BYTES_MAX);
}

function writeEach(socket: Socket, pieces: readonly Piece[]): void {
  socket.cork();
  for (const piece of pieces) {
    if (typeof piece === "string") socket.write(piece, "latin1");
    else socket.write(piece);
  }
  socket.uncork();
}

function filled(buffer: Buffer, pieces: readonly Piece[]): Buffer {
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === "string") buffer.write(piece, at, "latin1");
    else buffer.set(piece, at);
    at += piece.length;
  }
  return buffer;
}
