// What a supervised gateway or controller tells the process that started it, over Node's own channel.

import { SlipwayError } from "@slipway/wire";

export type ChildMessage =
  | { readonly type: "ready"; readonly port: number }
  | {
      readonly type: "failed";
      readonly code: string;
      readonly status: number;
      readonly message: string;
      readonly fix: string | null;
    };

/** Sends to the parent; nothing where there is none. */
export function tellParent(message: ChildMessage): void {
  process.send?.(message);
}

export function failureOf(error: unknown): Extract<ChildMessage, { type: "failed" }> {
  if (error instanceof SlipwayError) {
    const { code, status, message, fix } = error;
    return { type: "failed", code, status, message, fix };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { type: "failed", code: "fault", status: 500, message, fix: null };
}

/** Null for what is not one of ours: the gateway's own workers use the same kind of channel. */
export function childMessage(value: unknown): ChildMessage | null {
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  return value.type === "ready" || value.type === "failed" ? (value as ChildMessage) : null;
}
