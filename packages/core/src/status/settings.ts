// What a status page is told by slipway.yaml: its name, its components, and by when what must be said.

import { MINUTE_MS } from "../freeze/civil-time.ts";

/** A part of the service as users know it. */
export type StatusComponent = {
  readonly id: string;
  readonly name: string;
  /** Empty for none. */
  readonly description: string;
  /** What it is made of: it is as good as the worst of them. */
  readonly models: readonly string[];
};

export type StatusSettings = {
  readonly title: string;
  /** Where the page is to be found from outside, without a slash at its end; null while it is not known. */
  readonly url: string | null;
  /** Where a reader can ask; null for nowhere. */
  readonly contact: string | null;
  /** Empty: one for every model. */
  readonly components: readonly StatusComponent[];
  /** From detection until something must have been said in public, where users felt it. */
  readonly publishWithinMs: number;
  /** From detection until Slipway says it by itself, if nobody has. */
  readonly autoAfterMs: number;
  /** How long a post is good for, until the next one. */
  readonly updateEveryMs: number;
  /** From the end of the harm until Slipway calls what it has posted itself resolved. */
  readonly resolveAfterMs: number;
};

export const DEFAULT_STATUS: StatusSettings = {
  title: "Status",
  url: null,
  contact: null,
  components: [],
  publishWithinMs: 15 * MINUTE_MS,
  autoAfterMs: 10 * MINUTE_MS,
  updateEveryMs: 30 * MINUTE_MS,
  resolveAfterMs: 30 * MINUTE_MS,
};

/** Those that are written, and one for every model that none of them has. */
export function componentsOf(
  { components }: StatusSettings,
  models: readonly string[],
): readonly StatusComponent[] {
  const named = new Set(components.flatMap((component) => component.models));
  const others = models
    .filter((model) => !named.has(model))
    .map((model) => ({ id: model, name: model, description: "", models: [model] }));
  return components.length > 0 ? [...components, ...others] : others;
}
