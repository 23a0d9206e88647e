// Read: the whole body, once. It is kept until the answer has begun, for a replay.

import { headerOf } from "../headers.ts";
import type { Form } from "../ports.ts";
import { closing, noRoom, type Refusal, tooLarge } from "../refusal.ts";
import type { Admitted } from "./admitted.ts";
import type { Context } from "./context.ts";
import { refuse } from "./own-answer.ts";

type Reading = Pick<Admitted, "caller" | "exchange" | "id">;

/**
 * Calls `next` with the body, and what it says as a form; the body's room is `next`'s to give back; not when the client leaves or sends too much, or the
 * gateway has no room or has closed meanwhile.
 */
export function read(
  context: Context,
  admitted: Reading,
  next: (body: Uint8Array, form: Form | null) => void,
  bytesMax: number = context.limits.bodyBytesMax,
): void {
  const { bodies, open } = context;
  let taken = 0;
  const take = (bytes: number): boolean => {
    const hasRoom = bodies.take(bytes);
    if (hasRoom) taken += bytes;
    return hasRoom;
  };
  const end = (refusal: Refusal | null): void => {
    bodies.giveBack(taken);
    if (refusal !== null) refused(context, admitted, refusal);
    open.endReading();
  };
  open.beginReading();
  admitted.exchange.read(
    bytesMax,
    (body) => {
      // After the goodbye nothing may be assigned: nobody would hear of it.
      if (context.isClosed()) return end(closing);
      if (!take(body.length - taken)) return end(noRoom);
      formOf(context, admitted.exchange, body, (form) => {
        next(body, form);
        open.endReading();
      });
    },
    (reason) => {
      if (reason === "aborted") return end(null);
      end(reason === "no-room" ? noRoom : tooLarge(bytesMax));
    },
    take,
  );
}

function formOf(
  context: Context,
  { headers }: Reading["exchange"],
  body: Uint8Array,
  done: (form: Form | null) => void,
): void {
  const type = headerOf(headers, "content-type");
  if (type?.toLowerCase().startsWith("multipart/form-data") !== true) done(null);
  else context.ports.readForm(type, body, done);
}

function refused(context: Context, admitted: Reading, refusal: Refusal): void {
  context.observe.refused(refusal.code, admitted.caller?.client.name ?? null);
  refuse(admitted.exchange, admitted.id, refusal);
}
