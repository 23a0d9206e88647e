// A request whose model, user and segment are known.

import type { BodyScan } from "../body/body-scan.ts";
import type { Home } from "../objects/object-memory.ts";
import type { Form } from "../ports.ts";
import type { Segmented } from "../segment/segments-of.ts";
import type { Destination, Routing } from "../table/routing.ts";
import type { Priority } from "../upstream/priority.ts";

export type Identified = {
  readonly body: Uint8Array;
  /** Null when the body is no JSON object. */
  readonly scan: BodyScan | null;
  /** Null when the body is no form. */
  readonly form: Form | null;
  readonly routing: Routing;
  readonly destination: Destination;
  /** It names no model: it goes to stable, and is no evidence. */
  readonly modelless: boolean;
  readonly key: string | null;
  /** The object of an earlier answer that it names, and where that lives; null for none, or when it is not known. */
  readonly object: string | null;
  readonly home: Home | null;
  readonly segmented: Segmented;
  readonly priority: Priority;
};
