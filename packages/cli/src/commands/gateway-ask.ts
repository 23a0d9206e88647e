// Asks the gateway whose data directory it is, over its admin socket; its refusals become errors.

import type { AdminAnswer, AdminRequest } from "@slipway/gateway/edge";
import { SlipwayError } from "@slipway/wire";

export async function asked(
  dataDir: string,
  request: AdminRequest,
): Promise<Extract<AdminAnswer, { ok: true }>> {
  const { askGateway } = await import("@slipway/gateway/edge");
  const reply = await askGateway(dataDir, request);
  if (reply.ok) return reply;
  throw new SlipwayError({ ...reply.error, status: 500 });
}
