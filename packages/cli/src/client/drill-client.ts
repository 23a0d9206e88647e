// The part of the control API that is about drills.

import {
  type DrillAct,
  type DrillEnding,
  type DrillMiss,
  type DrillStart,
  type DrillsView,
  drillsViewSchema,
} from "@slipway/wire";
import type { Call } from "./control-call.ts";

export class DrillClient {
  readonly #call: <T>(call: Call<T>) => Promise<T>;

  constructor(call: <T>(call: Call<T>) => Promise<T>) {
    this.#call = call;
  }

  look(model: string): Promise<DrillsView> {
    return this.#call({ path: pathOf(model), schema: drillsViewSchema });
  }

  start(model: string, body: DrillStart): Promise<DrillsView> {
    return this.#act(pathOf(model), body);
  }

  fault(model: string, body: DrillAct): Promise<DrillsView> {
    return this.#act(`${pathOf(model)}/fault`, body);
  }

  end(model: string, body: DrillEnding): Promise<DrillsView> {
    return this.#act(`${pathOf(model)}/end`, body);
  }

  miss(model: string, body: DrillMiss): Promise<DrillsView> {
    return this.#act(`${pathOf(model)}/misses`, body);
  }

  #act(path: string, body: DrillEnding | DrillMiss): Promise<DrillsView> {
    return this.#call({ method: "POST", path, body, schema: drillsViewSchema });
  }
}

function pathOf(model: string): string {
  return `/v1/models/${encodeURIComponent(model)}/drills`;
}
