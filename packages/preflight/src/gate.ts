// What a gate is, and what it is given to work with. Time, chance, servers, files and processes come through ports,
// so that a gate can be tried without any of them.

import type { Clock, GateName, GateResult, Lesson, Policy, Pool, Random } from "@slipway/core";
import type { ConfiguredGate, GateSettings } from "@slipway/wire/config";
import type { Ask } from "./ask.ts";
import type { Drifting } from "./drift/drifting.ts";
import type { Drilling } from "./drill/drilling.ts";
import type { Served } from "./endpoint.ts";
import type { Files, ListFolder } from "./files.ts";
import type { Http } from "./http.ts";
import type { Shoot } from "./load/volley.ts";
import type { RunCommand } from "./run-command.ts";
import type { ScoringPorts } from "./scoring.ts";
import type { Mirroring } from "./shadow/mirroring.ts";

export type GateContext<Settings> = {
  /** The name that clients call. */
  readonly model: string;
  readonly stable: Served;
  readonly candidate: Served;
  /** By which rollouts of the model proceed. */
  readonly policy: Policy;
  readonly settings: Settings;
  /** What earlier incidents taught of the model, and is in force; each gate looks after its own. */
  readonly learnt: readonly Lesson[];
  /** What gates that ran before it found, for those that build on them. */
  readonly before: readonly GateResult[];
  readonly clock: Clock;
  readonly random: (seed: number) => Random;
  readonly ask: Ask;
  readonly files: Files;
  readonly listFolder: ListFolder;
  readonly runCommand: RunCommand;
  readonly scoring: ScoringPorts;
  /** A variable of the environment; null where it is not set. */
  readonly secret: (name: string) => string | null;
  readonly shoot: Shoot;
  readonly http: Http;
  readonly mirroring: Mirroring;
  readonly drilling: Drilling;
  readonly drifting: Drifting;
  /** Of a text, in hex. */
  readonly sha256: (text: string) => string;
  /** Quotas of pools, as slipway.yaml has them. */
  readonly pools: readonly Pool[];
  /** `of` is null where nobody knows how much there is to do. */
  readonly progress: (done: number, of: number | null, text: string) => void;
  /** Aborted when nobody waits for the result any more. */
  readonly signal: AbortSignal;
};

/** What of a result is the gate's to say; its name is added by the runner. */
export type GateFinding = Omit<GateResult, "gate">;

export type Gate<Settings> = {
  readonly name: GateName;
  /** What it throws makes it inconclusive. */
  readonly run: (context: GateContext<Settings>) => Promise<GateFinding>;
};

/** Every gate that slipway.yaml can set up, with its own settings. */
export type Gates = { readonly [G in ConfiguredGate]: Gate<NonNullable<GateSettings[G]>> };
