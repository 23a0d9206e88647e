// `/v1/models`, answered from the table: the names that a client may call, and nothing else about them.

import { type Client, mayCall, type Table } from "@slipway/core";
import type { Dialect } from "../refusal.ts";

const LIST = "/models";

/** The JSON to answer a GET of `path` (under /v1, without query) with; null when it is no such path. */
export function modelListAnswer(
  path: string,
  table: Table,
  client: Client | null,
  dialect: Dialect,
): string | null {
  const modelObject = dialect === "anthropic" ? anthropicModel : openAiModel;
  const models = table.routes
    .filter(({ drill }) => drill !== true)
    .map(({ model }) => model)
    .filter((model) => mayCall(client, model));
  if (path === LIST) {
    const data = models.map((model) => modelObject(model, table));
    return JSON.stringify(dialect === "anthropic" ? pageOf(data) : { object: "list", data });
  }
  if (!path.startsWith(`${LIST}/`)) return null;
  const name = decoded(path.slice(LIST.length + 1));
  return models.includes(name) ? JSON.stringify(modelObject(name, table)) : null;
}

type ModelObject = { readonly id: string; readonly [field: string]: string | number };

function openAiModel(id: string, table: Table): ModelObject {
  const created = Math.floor(table.mintedAtMs / 1_000);
  return { id, object: "model", created, owned_by: "slipway" };
}

function anthropicModel(id: string, table: Table): ModelObject {
  const created_at = new Date(table.mintedAtMs).toISOString();
  return { type: "model", id, display_name: id, created_at };
}

/** All models are on the one page, whatever was asked for. */
function pageOf(data: readonly ModelObject[]): object {
  const [first_id = null, last_id = null] = [data.at(0)?.id, data.at(-1)?.id];
  return { data, has_more: false, first_id, last_id };
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // Not a valid escape: then it is no model's name either.
  }
}
