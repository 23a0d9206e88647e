// Plain HTTP through undici, a call at a time.

import { SlipwayError } from "@slipway/wire";
import { Agent, request } from "undici";
import type { Http, HttpCall } from "../http.ts";
import { authorities } from "./authorities.ts";

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;

export const httpClient: Http = async (call) => {
  const agent = new Agent({ connect: authorities(call.caFile) });
  try {
    return await answered(agent, call);
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw unreachable(call, `does not answer (${code})`);
  } finally {
    await agent.destroy();
  }
};

async function answered(
  dispatcher: Agent,
  call: HttpCall,
): Promise<{ readonly status: number; readonly text: string }> {
  const { method, url, body, signal } = call;
  const response = await request(url, {
    dispatcher,
    method,
    ...(body === null
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response.body) {
    if (!Buffer.isBuffer(part)) continue;
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX)
      throw unreachable(call, `answers with more than ${ANSWER_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return { status: response.statusCode, text: Buffer.concat(parts).toString("utf8") };
}

function unreachable({ method, url }: HttpCall, problem: string): SlipwayError {
  return new SlipwayError({
    code: "http_unusable",
    status: 502,
    message: `${method} ${url} ${problem}`,
    fix: "check the address, and that this machine may reach it",
  });
}
