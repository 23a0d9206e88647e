// Everything that reads much of a store and changes nothing: it runs outside the controller's thread, or, over a
// reader of its own, without any controller.

import type {
  Analysis,
  Checklist,
  Dora,
  Forecast,
  Incident,
  Remark,
  SideBySide,
} from "@slipway/core";
import type {
  BacktestRequest,
  BacktestView,
  Explanation,
  ForecastsView,
  IncidentSummary,
  LessonView,
  PlanView,
  VerifyResult,
} from "@slipway/wire";
import { verifyJournals } from "../journal/verify.ts";
import type { Digest } from "../ports.ts";
import { remarkOf } from "../status/incident-remarks.ts";
import type { StoreReader } from "../store/store.ts";
import { analyse } from "./analyse.ts";
import { backtestRollouts } from "./backtest-rollouts.ts";
import { type ChecklistAsk, checklist, type DoraAsk, dora } from "./checklist.ts";
import { type ExplainAsk, explain } from "./explain.ts";
import { type ForecastsAsk, forecastsOf } from "./forecasts-of.ts";
import { type ForesightAsk, foresee } from "./foresee.ts";
import { type IncidentAsk, type IncidentsAsk, incidentsOf, oneIncident } from "./incidents.ts";
import { type LessonsAsk, lessonsOf } from "./lessons.ts";
import { type PlanAsk, planRollout } from "./plan-rollout.ts";
import { type RecentAsk, type RecentIncidents, recentIncidents } from "./recent-incidents.ts";
import { type SideBySideAsk, sideBySide } from "./side-by-side.ts";

export type Readings = {
  readonly verify: () => Promise<VerifyResult>;
  readonly plan: (ask: PlanAsk) => Promise<PlanView>;
  readonly explain: (ask: ExplainAsk) => Promise<Explanation>;
  readonly backtest: (ask: BacktestRequest) => Promise<BacktestView>;
  readonly foresee: (ask: ForesightAsk) => Promise<Forecast | null>;
  readonly forecasts: (ask: ForecastsAsk) => Promise<ForecastsView>;
  readonly incidents: (ask: IncidentsAsk) => Promise<readonly IncidentSummary[]>;
  readonly incident: (ask: IncidentAsk) => Promise<Incident>;
  readonly analysis: (ask: IncidentAsk) => Promise<Analysis>;
  readonly incidentRemarks: (ask: IncidentAsk) => Promise<readonly Remark[]>;
  readonly recentIncidents: (ask: RecentAsk) => Promise<RecentIncidents>;
  readonly lessons: (ask: LessonsAsk) => Promise<readonly LessonView[]>;
  readonly checklist: (ask: ChecklistAsk) => Promise<Checklist>;
  readonly dora: (ask: DoraAsk) => Promise<Dora>;
  readonly sideBySide: (ask: SideBySideAsk) => Promise<SideBySide | null>;
};

/** A reading as it crosses to another thread. */
export type Reading = {
  [kind in keyof Readings]: { readonly kind: kind; readonly ask: Parameters<Readings[kind]>[0] };
}[keyof Readings];

export function readingsOf(reader: StoreReader, digest: Digest): Readings {
  return {
    verify: () => verifyJournals(reader, digest),
    plan: (ask) => planRollout(reader, ask),
    explain: (ask) => explain(reader, digest, ask),
    backtest: (ask) => backtestRollouts(reader, ask),
    foresee: (ask) => foresee(reader, ask),
    forecasts: (ask) => forecastsOf(reader, ask),
    incidents: (ask) => incidentsOf(reader, ask),
    incident: (ask) => oneIncident(reader, ask),
    analysis: (ask) => analyse(reader, ask),
    incidentRemarks: async ({ id }) => (await reader.remarks(id)).map(remarkOf),
    recentIncidents: (ask) => recentIncidents(reader, ask),
    lessons: (ask) => lessonsOf(reader, ask),
    checklist: (ask) => checklist(reader, ask),
    dora: (ask) => dora(reader, ask),
    sideBySide: (ask) => sideBySide(reader, ask),
  };
}

export async function answerTo(readings: Readings, { kind, ask }: Reading): Promise<unknown> {
  const answer = readings[kind] as (ask: unknown) => Promise<unknown>;
  return await answer(ask);
}
