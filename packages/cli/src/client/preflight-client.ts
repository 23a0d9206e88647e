// The part of the control API that is about preflights: who runs gates, and what they found.

import type { GateEvidence, PreflightLease } from "@slipway/core";
import {
  type EvidenceRequest,
  gateEvidenceSchema,
  type LeaseAct,
  type LeaseRequest,
  preflightLeaseSchema,
} from "@slipway/wire";
import { type Call, listOf } from "./control-call.ts";

export class PreflightClient {
  readonly #call: <T>(call: Call<T>) => Promise<T>;

  constructor(call: <T>(call: Call<T>) => Promise<T>) {
    this.#call = call;
  }

  keepEvidence(model: string, body: EvidenceRequest): Promise<readonly GateEvidence[]> {
    const path = pathOf(model);
    return this.#call({ method: "POST", path, body, schema: listOf(gateEvidenceSchema) });
  }

  takeLease(model: string, body: LeaseRequest): Promise<PreflightLease> {
    const path = `${pathOf(model)}/lease`;
    return this.#call({ method: "POST", path, body, schema: preflightLeaseSchema });
  }

  renewLease(model: string, number: number): Promise<PreflightLease> {
    return this.#act(model, number, "renew");
  }

  endLease(model: string, number: number): Promise<PreflightLease> {
    return this.#act(model, number, "end");
  }

  #act(model: string, number: number, act: "renew" | "end"): Promise<PreflightLease> {
    const path = `${pathOf(model)}/lease/${act}`;
    const body: LeaseAct = { number };
    return this.#call({ method: "POST", path, body, schema: preflightLeaseSchema });
  }
}

function pathOf(model: string): string {
  return `/v1/models/${encodeURIComponent(model)}/preflights`;
}
