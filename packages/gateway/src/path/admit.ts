// Admit: whether this gateway can serve the request at all, by which table, and for whom.

import { apiOf, pathUnderV1, withoutQuery } from "../api.ts";
import type { Caller } from "../client/caller.ts";
import type { Exchange } from "../ports.ts";
import {
  closing,
  dialectOf,
  noTable,
  type Refusal,
  unknownModel,
  unknownPath,
} from "../refusal.ts";
import type { Routing } from "../table/routing.ts";
import type { Admitted } from "./admitted.ts";
import { authenticate } from "./authenticate.ts";
import type { Context } from "./context.ts";
import { modelListAnswer } from "./model-list.ts";
import { answerJson, refuse } from "./own-answer.ts";
import { FEEDBACK_PATH, takeFeedback } from "./take-feedback.ts";

/** Null when the request has been answered. */
export function admit(context: Context, exchange: Exchange): Admitted | null {
  const id = context.ports.ids.next();
  const path = pathUnderV1(exchange.path);
  const routing = context.routing();
  if (path === null) return refused(context, exchange, id, unknownPath(exchange.path));
  if (context.isClosed()) return refused(context, exchange, id, closing);
  if (routing === null) return refused(context, exchange, id, noTable);
  const caller = authenticate(routing.directory, exchange.headers);
  if (caller !== null && "status" in caller) return refused(context, exchange, id, caller);
  const bare = withoutQuery(path);
  if (bare === FEEDBACK_PATH) {
    takeFeedback(context, { exchange, id, routing, caller });
    return null;
  }
  if (bare === "/models" || bare.startsWith("/models/")) {
    return answerModels(context, exchange, id, bare, routing, caller);
  }
  const api = exchange.method === "POST" ? apiOf(bare) : "other";
  return { exchange, id, path, routing, api, caller };
}

function answerModels(
  context: Context,
  exchange: Exchange,
  id: string,
  path: string,
  routing: Routing,
  caller: Caller | null,
): null {
  const dialect = dialectOf(exchange.path, exchange.headers);
  const json = modelListAnswer(path, routing.table, caller?.client ?? null, dialect);
  const isRead = exchange.method === "GET" || exchange.method === "HEAD";
  if (!isRead) return refused(context, exchange, id, unknownPath(exchange.path));
  if (json === null) {
    const unknown = unknownModel(path.slice("/models/".length), caller !== null);
    return refused(context, exchange, id, unknown);
  }
  answerJson(exchange, 200, ["x-slipway-request-id", id], json);
  return null;
}

function refused(context: Context, exchange: Exchange, id: string, refusal: Refusal): null {
  context.observe.refused(refusal.code, null);
  const headers = ["x-slipway-request-id", id];
  if (refusal.status === 401) headers.push("www-authenticate", "Bearer");
  refuse(exchange, id, refusal, headers);
  return null;
}
