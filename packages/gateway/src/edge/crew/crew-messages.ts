// What the primary process and its workers say to each other.

import type { Grant } from "@slipway/core";
import type { LearntObject } from "../../objects/object-memory.ts";
import type { GatewaySnapshot } from "../../snapshot.ts";
import type { RunOptions } from "../options.ts";

export type Ask =
  | { readonly do: "snapshot" }
  | { readonly do: "metrics" }
  | { readonly do: "divert"; readonly model: string; readonly on: boolean }
  | { readonly do: "trip"; readonly model: string; readonly rolloutId: string }
  | { readonly do: "grant"; readonly grants: readonly Grant[] }
  | { readonly do: "reload" }
  | { readonly do: "close" };

export type Answer =
  | { readonly snapshot: GatewaySnapshot }
  /** The metrics of one worker, as prom-client's JSON. */
  | { readonly metrics: object }
  | { readonly done: true }
  | { readonly failed: string };

export type ToWorker =
  | {
      readonly kind: "boot";
      readonly run: Omit<RunOptions, "grants">;
      readonly grants: readonly Grant[];
      readonly worker: number;
      readonly diverted: readonly string[];
      /** It takes the place of another, and has its lease before it listens. */
      readonly isWarm: boolean;
    }
  | { readonly kind: "ask"; readonly id: number; readonly ask: Ask }
  /** What another worker has learnt. */
  | { readonly kind: "objects"; readonly objects: readonly LearntObject[] }
  /** The metrics of all workers, as Prometheus text; or null, and why they could not be gathered. */
  | {
      readonly kind: "metrics-text";
      readonly id: number;
      readonly text: string | null;
      readonly reason: string | null;
    };

export type ToPrimary =
  | { readonly kind: "ready" }
  | { readonly kind: "listening" }
  | {
      readonly kind: "failed";
      readonly code: string;
      readonly message: string;
      readonly fix: string | null;
    }
  | { readonly kind: "answer"; readonly id: number; readonly answer: Answer }
  | { readonly kind: "objects"; readonly objects: readonly LearntObject[] }
  /** This worker left a candidate; the others should too. */
  | { readonly kind: "tripped"; readonly model: string; readonly rolloutId: string }
  | { readonly kind: "metrics-wanted"; readonly id: number };
