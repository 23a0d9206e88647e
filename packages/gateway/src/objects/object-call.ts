// Which calls name an object of an earlier answer, and which make one. Told by method, path and a few fields.

import { type Api, isRepeatable, withoutQuery } from "../api.ts";
import type { BodyScan } from "../body/body-scan.ts";

/** Collections whose objects stay at the upstream that made them; paths are without `/v1`. */
const COLLECTIONS: readonly string[] = [
  "/responses/",
  "/chat/completions/",
  "/files/",
  "/uploads/",
  "/batches/",
  "/conversations/",
  "/messages/batches/",
  "/fine_tuning/jobs/",
  "/vector_stores/",
  "/containers/",
  "/videos/",
  "/assistants/",
  "/threads/",
  "/evals/",
];
/** What follows `/responses/` and is the name of a call. */
const CALLS: ReadonlySet<string> = new Set(["compact", "input_tokens"]);

/** The earlier object that a request names; null for none. `path` is what follows `/v1`. */
export function objectNamed(path: string, scan: BodyScan | null): string | null {
  return scan?.earlierObject ?? (scan?.model == null ? objectInPath(withoutQuery(path)) : null);
}

function objectInPath(path: string): string | null {
  const collection = COLLECTIONS.find((known) => path.startsWith(known));
  if (collection === undefined) return null;
  const end = path.indexOf("/", collection.length);
  const id = path.slice(collection.length, end === -1 ? undefined : end);
  return id === "" || CALLS.has(id) ? null : id;
}

/** Whether the answer to a request may name an object that later calls come back to. */
export function makesObject(
  api: Api,
  method: string,
  path: string,
  scan: BodyScan | null,
): boolean {
  if (method !== "POST") return false;
  switch (api) {
    case "responses":
      return scan?.store !== false;
    case "chat.completions":
      return scan?.store === true;
    case "other":
      return !isRepeatable(api, method, path);
    default:
      return false;
  }
}
