// Read: the whole body, once. It is kept until the answer has begun, for a replay.

import { tooLarge } from "../refusal.ts";
import type { Admitted } from "./admit.ts";
import type { Context } from "./context.ts";
import { refuse } from "./own-answer.ts";

/** Calls `next` with the body; not when the client leaves or sends too much. */
export function read(context: Context, admitted: Admitted, next: (body: Uint8Array) => void): void {
  const { bodyBytesMax } = context.limits;
  admitted.exchange.read(bodyBytesMax, next, (reason) => {
    if (reason === "aborted") return;
    const refusal = tooLarge(bodyBytesMax);
    context.observe.refused(refusal.code);
    refuse(admitted.exchange, admitted.id, refusal);
  });
}
