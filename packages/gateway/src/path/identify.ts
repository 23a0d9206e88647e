// Identify: which model is called, by whom, and in which segment it is judged.

import { type Client, drilledModelName, mayCall } from "@slipway/core";
import { withoutQuery } from "../api.ts";
import { type BodyScan, scanBody } from "../body/body-scan.ts";
import { batchModel, MESSAGE_BATCHES } from "../body/message-batch.ts";
import { headerOf } from "../headers.ts";
import { objectNamed } from "../objects/object-call.ts";
import type { Home } from "../objects/object-memory.ts";
import type { Form } from "../ports.ts";
import { invalidBody, missingModel, noRoute, type Refusal, unknownModel } from "../refusal.ts";
import { segmentsOf } from "../segment/segments-of.ts";
import type { Destination, Routing } from "../table/routing.ts";
import type { Priority } from "../upstream/priority.ts";
import type { Admitted } from "./admitted.ts";
import type { Context } from "./context.ts";
import type { Identified } from "./identified.ts";
import { refuse } from "./own-answer.ts";
import { priorityOf } from "./priority-of.ts";
import { userKey } from "./user-key.ts";

/** Names the model of a request whose body cannot. */
const MODEL_HEADER = "x-slipway-model";

/** Null when the request has been answered. */
export function identify(
  context: Context,
  admitted: Admitted,
  body: Uint8Array,
  form: Form | null,
): Identified | null {
  // Looked up again: the body may have taken long, and an older table must not assign what is assigned now.
  const routing = context.routing() ?? admitted.routing;
  const scan = body.length === 0 || form !== null ? null : scanBody(body);
  const model = scan?.model ?? form?.model ?? null;
  const isBatch = scan !== null && withoutQuery(admitted.path) === MESSAGE_BATCHES;
  const named =
    model ??
    (isBatch ? batchModel(scan) : null) ??
    headerOf(admitted.exchange.headers, MODEL_HEADER);
  const object = objectNamed(admitted.path, scan);
  const home = object === null ? null : context.objects.home(object);
  const found = destinationOf(routing, admitted, named, scan, home);
  const { api, exchange, id, path } = admitted;
  if ("status" in found) {
    context.observe.refused(found.code, admitted.caller?.client.name ?? null);
    refuse(exchange, id, found);
    return null;
  }
  const { keys, evidence, priority, shed = false } = found.route;
  return {
    body,
    scan,
    form,
    routing,
    destination: found,
    modelless: model === null,
    key: userKey(keys, exchange.headers, scan ?? form, {
      isContinued: object !== null,
      key: home?.key ?? null,
      client: admitted.caller?.client.name ?? null,
    }),
    object,
    home,
    segmented: segmentsOf(evidence.segments, { api, path, headers: exchange.headers, scan }),
    priority: shedPriority(priorityOf(priority, exchange.headers, scan), shed),
  };
}

/** What can wait is served from what nobody else needs, as copies are, while stable may not take everybody. */
function shedPriority(priority: Priority, isShed: boolean): Priority {
  return isShed && priority === "background" ? "shadow" : priority;
}

function destinationOf(
  routing: Routing,
  { api, caller }: Admitted,
  named: string | null,
  scan: BodyScan | null,
  home: Home | null,
): Destination | Refusal {
  const client = caller?.client ?? null;
  if (named !== null) {
    const found = routing.destinations.get(named);
    const isOpen = found !== undefined && isOpenTo(client, found);
    return isOpen ? found : unknownModel(named, client !== null);
  }
  const made = home === null ? undefined : routing.destinations.get(home.model);
  if (made !== undefined) return isOpenTo(client, made) ? made : noRoute;
  if (api !== "other") return scan === null ? invalidBody : missingModel;
  const { only } = routing;
  return only !== null && isOpenTo(client, only) ? only : noRoute;
}

/** No list of models names a stand-in: who may call the model may drill it. */
function isOpenTo(client: Client | null, { route }: Destination): boolean {
  return mayCall(client, route.drill === true ? drilledModelName(route.model) : route.model);
}
