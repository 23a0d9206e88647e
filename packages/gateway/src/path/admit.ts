// Admit: whether this gateway can serve the request at all, and by which table.

import { type Api, apiOf, pathUnderV1, withoutQuery } from "../api.ts";
import type { Exchange } from "../ports.ts";
import { closing, noTable, type Refusal, unknownModel, unknownPath } from "../refusal.ts";
import type { Routing } from "../table/routing.ts";
import type { Context } from "./context.ts";
import { modelListAnswer } from "./model-list.ts";
import { answerJson, refuse } from "./own-answer.ts";

export type Admitted = {
  readonly exchange: Exchange;
  readonly id: string;
  readonly api: Api;
  /** What follows `/v1`, query included. */
  readonly path: string;
  readonly routing: Routing;
};

/** Null when the request has been answered. */
export function admit(context: Context, exchange: Exchange): Admitted | null {
  const id = context.ports.ids.next();
  const path = pathUnderV1(exchange.path);
  const routing = context.routing();
  if (path === null) return refused(context, exchange, id, unknownPath(exchange.path));
  if (context.isClosed()) return refused(context, exchange, id, closing);
  if (routing === null) return refused(context, exchange, id, noTable);
  const bare = withoutQuery(path);
  if (bare === "/models" || bare.startsWith("/models/")) {
    return answerModels(context, exchange, id, bare, routing);
  }
  return { exchange, id, path, routing, api: exchange.method === "POST" ? apiOf(bare) : "other" };
}

function answerModels(
  context: Context,
  exchange: Exchange,
  id: string,
  path: string,
  routing: Routing,
): null {
  const json = modelListAnswer(path, routing.table);
  const isRead = exchange.method === "GET" || exchange.method === "HEAD";
  if (!isRead) return refused(context, exchange, id, unknownPath(exchange.path));
  if (json === null) {
    return refused(context, exchange, id, unknownModel(path.slice("/models/".length)));
  }
  answerJson(exchange, 200, ["x-slipway-request-id", id], json);
  return null;
}

function refused(context: Context, exchange: Exchange, id: string, refusal: Refusal): null {
  context.observe.refused(refusal.code);
  refuse(exchange, id, refusal);
  return null;
}
