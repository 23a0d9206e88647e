// The part of the control API that is about watches for drift.

import {
  type DriftBaselineRequest,
  type DriftLookRequest,
  type DriftMiss,
  type DriftView,
  driftViewSchema,
} from "@slipway/wire";
import type { Call } from "./control-call.ts";

export class DriftClient {
  readonly #call: <T>(call: Call<T>) => Promise<T>;

  constructor(call: <T>(call: Call<T>) => Promise<T>) {
    this.#call = call;
  }

  view(model: string): Promise<DriftView> {
    return this.#call({ path: pathOf(model), schema: driftViewSchema });
  }

  takeBaseline(model: string, body: DriftBaselineRequest): Promise<DriftView> {
    const path = `${pathOf(model)}/baselines`;
    return this.#call({ method: "POST", path, body, schema: driftViewSchema });
  }

  look(model: string, body: DriftLookRequest): Promise<DriftView> {
    const path = `${pathOf(model)}/looks`;
    return this.#call({ method: "POST", path, body, schema: driftViewSchema });
  }

  miss(model: string, body: DriftMiss): Promise<DriftView> {
    const path = `${pathOf(model)}/misses`;
    return this.#call({ method: "POST", path, body, schema: driftViewSchema });
  }
}

function pathOf(model: string): string {
  return `/v1/models/${encodeURIComponent(model)}/drift`;
}
