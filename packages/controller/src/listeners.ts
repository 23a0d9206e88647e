// Who wants to hear of something, with a limit. A listener that throws is logged and hears on.

import type { Cancel } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import type { Log } from "./ports.ts";

export type Listeners<T> = {
  readonly add: (listener: (value: T) => void) => Cancel;
  readonly tell: (value: T) => void;
};

export function createListeners<T>(what: string, limit: number, log: Log): Listeners<T> {
  const all = new Set<(value: T) => void>();
  return {
    add: (listener) => {
      if (all.size >= limit) throw tooMany(what, limit);
      const own = (value: T): void => listener(value);
      all.add(own);
      return () => all.delete(own);
    },
    tell: (value) => {
      for (const listener of all) {
        try {
          listener(value);
        } catch (error) {
          log.error({ what, error: String(error) }, "a listener failed");
        }
      }
    },
  };
}

function tooMany(what: string, limit: number): SlipwayError {
  return new SlipwayError({
    code: "too_many_listeners",
    status: 503,
    message: `${limit} clients follow the ${what} already`,
    fix: "close some of them",
  });
}
