// Keys of upstreams, from the environment. A table says which variable goes to which server; this process was started with
// leave for some, and whoever may write tables has none to give.

import { type Grant, isGranted } from "@slipway/core";
import { environmentSecret } from "./system-ports.ts";

export class UpstreamKeys {
  #grants: readonly Grant[];

  constructor(grants: readonly Grant[]) {
    this.#grants = grants;
  }

  grant(grants: readonly Grant[], changed: () => void): void {
    this.#grants = grants;
    changed();
  }

  /** Null where it is not set, or may not be sent there. */
  value(name: string, url: string): string | null {
    if (!URL.canParse(url)) return null;
    const may = isGranted(this.#grants, { kind: "env", name }, new URL(url).origin);
    return may ? environmentSecret(name) : null;
  }
}
