// Read: the whole body, once. It is kept until the answer has begun, for a replay.

import { closing, type Refusal, tooLarge } from "../refusal.ts";
import type { Admitted } from "./admit.ts";
import type { Context } from "./context.ts";
import { refuse } from "./own-answer.ts";

/** Calls `next` with the body; not when the client leaves or sends too much, or the gateway has closed meanwhile. */
export function read(context: Context, admitted: Admitted, next: (body: Uint8Array) => void): void {
  const { limits, open } = context;
  open.beginReading();
  admitted.exchange.read(
    limits.bodyBytesMax,
    (body) => {
      // After the goodbye nothing may be assigned: nobody would hear of it.
      if (context.isClosed()) refused(context, admitted, closing);
      else next(body);
      open.endReading();
    },
    (reason) => {
      if (reason === "too-large") refused(context, admitted, tooLarge(limits.bodyBytesMax));
      open.endReading();
    },
  );
}

function refused(context: Context, admitted: Admitted, refusal: Refusal): void {
  context.observe.refused(refusal.code);
  refuse(admitted.exchange, admitted.id, refusal);
}
