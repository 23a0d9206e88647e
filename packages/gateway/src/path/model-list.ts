// `/v1/models`, answered from the table: the names that a client may call, and nothing else about them.

import { type Client, mayCall, type Table } from "@slipway/core";

const LIST = "/models";

/** The JSON to answer a GET of `path` (under /v1, without query) with; null when it is no such path. */
export function modelListAnswer(path: string, table: Table, client: Client | null): string | null {
  const models = table.routes.map(({ model }) => model).filter((model) => mayCall(client, model));
  if (path === LIST) {
    const data = models.map((model) => modelObject(model, table));
    return JSON.stringify({ object: "list", data });
  }
  if (!path.startsWith(`${LIST}/`)) return null;
  const name = decoded(path.slice(LIST.length + 1));
  return models.includes(name) ? JSON.stringify(modelObject(name, table)) : null;
}

function modelObject(id: string, table: Table): { readonly [field: string]: string | number } {
  const created = Math.floor(table.mintedAtMs / 1_000);
  return { id, object: "model", created, owned_by: "slipway" };
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // Not a valid escape: then it is no model's name either.
  }
}
