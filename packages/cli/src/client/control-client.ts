// The control API as the CLI calls it. Every way that this can fail becomes a SlipwayError that says what to do.

import type { Analysis, Incident, PageMaintenance, StatusPage } from "@slipway/core";
import {
  type ApplyRequest,
  type ApplyResult,
  analysisSchema,
  applyResultSchema,
  type BacktestRequest,
  type BacktestView,
  backtestViewSchema,
  type CommandBody,
  type Explanation,
  errorBodySchema,
  explanationSchema,
  type ForecastsView,
  type FreezeEnd,
  type FreezeStart,
  type FreezeView,
  forecastsViewSchema,
  freezeViewSchema,
  type IncidentActRequest,
  type IncidentRemarksView,
  type IncidentSummary,
  incidentRemarksViewSchema,
  incidentSchema,
  incidentSummarySchema,
  type JournalEntry,
  journalEntrySchema,
  type MaintenanceEnd,
  type MaintenanceRequest,
  type MemberView,
  type MirrorRequest,
  type MirrorStop,
  type MirrorView,
  type ModelView,
  memberViewSchema,
  mirrorViewSchema,
  modelViewSchema,
  type PlanRequest,
  type PlanView,
  pageMaintenancesSchema,
  planViewSchema,
  type RolloutSummary,
  type RolloutView,
  rolloutSummarySchema,
  rolloutViewSchema,
  SlipwayError,
  type StartRequest,
  statusPageSchema,
  type VerifyResult,
  verifyResultSchema,
} from "@slipway/wire";
import { type Call, listOf, READING_TIMEOUT_MS, type Schema } from "./control-call.ts";
import { DriftClient } from "./drift-client.ts";
import { DrillClient } from "./drill-client.ts";
import { EventStream } from "./event-stream.ts";
import { LearningClient } from "./learning-client.ts";
import { NotificationClient } from "./notification-client.ts";
import { PreflightClient } from "./preflight-client.ts";

const REQUEST_TIMEOUT_MS = 15_000;
/** The controller sends something at least every 15 s. */
const SILENCE_MAX_MS = 45_000;

export type ControlAddress = { readonly url: string; readonly token: string | null };

export class ControlClient {
  readonly url: string;
  /** What incidents teach. */
  readonly learning: LearningClient;
  /** The way back, rehearsed. */
  readonly drilling: DrillClient;
  /** Who runs gates, and what they found. */
  readonly preflights: PreflightClient;
  /** What is watched for change under an unchanged name. */
  readonly drift: DriftClient;
  /** Who is told what. */
  readonly notifications: NotificationClient;
  readonly #token: string | null;

  constructor(address: ControlAddress) {
    this.url = address.url.replace(/\/+$/, "");
    this.#token = address.token;
    this.learning = new LearningClient((call) => this.#call(call));
    this.drilling = new DrillClient((call) => this.#call(call));
    this.preflights = new PreflightClient((call) => this.#call(call));
    this.drift = new DriftClient((call) => this.#call(call));
    this.notifications = new NotificationClient((call) => this.#call(call));
  }

  apply(request: ApplyRequest): Promise<ApplyResult> {
    return this.#call({
      method: "PUT",
      path: "/v1/config",
      body: request,
      schema: applyResultSchema,
    });
  }

  models(): Promise<readonly ModelView[]> {
    return this.#call({ path: "/v1/models", schema: listOf(modelViewSchema) });
  }

  members(): Promise<readonly MemberView[]> {
    return this.#call({ path: "/v1/members", schema: listOf(memberViewSchema) });
  }

  rollouts(): Promise<readonly RolloutSummary[]> {
    return this.#call({ path: "/v1/rollouts", schema: listOf(rolloutSummarySchema) });
  }

  rollout(id: string): Promise<RolloutView> {
    return this.#call({
      path: `/v1/rollouts/${encodeURIComponent(id)}`,
      schema: rolloutViewSchema,
    });
  }

  start(request: StartRequest): Promise<RolloutView> {
    return this.#call({
      method: "POST",
      path: "/v1/rollouts",
      body: request,
      schema: rolloutViewSchema,
    });
  }

  command(id: string, body: CommandBody): Promise<RolloutView> {
    const path = `/v1/rollouts/${encodeURIComponent(id)}/commands`;
    return this.#call({ method: "POST", path, body, schema: rolloutViewSchema });
  }

  journal(id: string): Promise<readonly JournalEntry[]> {
    const path = `/v1/rollouts/${encodeURIComponent(id)}/journal`;
    return this.#call({ path, schema: listOf(journalEntrySchema) });
  }

  plan(model: string, body: PlanRequest): Promise<PlanView> {
    const path = `/v1/models/${encodeURIComponent(model)}/plan`;
    const timeoutMs = READING_TIMEOUT_MS;
    return this.#call({ method: "POST", path, body, schema: planViewSchema, timeoutMs });
  }

  explanation(id: string, atMs: number | null): Promise<Explanation> {
    const query = atMs === null ? "" : `?atMs=${atMs}`;
    const path = `/v1/rollouts/${encodeURIComponent(id)}/explanation${query}`;
    return this.#call({ path, schema: explanationSchema, timeoutMs: READING_TIMEOUT_MS });
  }

  backtest(body: BacktestRequest): Promise<BacktestView> {
    const call = { method: "POST", path: "/v1/backtest", schema: backtestViewSchema } as const;
    return this.#call({ ...call, body, timeoutMs: READING_TIMEOUT_MS });
  }

  incidents(of: {
    readonly model?: string;
    readonly rollout?: string;
  }): Promise<readonly IncidentSummary[]> {
    const query = new URLSearchParams(of).toString();
    const path = `/v1/incidents${query === "" ? "" : `?${query}`}`;
    const schema = listOf(incidentSummarySchema);
    return this.#call({ path, schema, timeoutMs: READING_TIMEOUT_MS });
  }

  incident(id: string): Promise<Incident> {
    const path = `/v1/incidents/${encodeURIComponent(id)}`;
    return this.#call({ path, schema: incidentSchema, timeoutMs: READING_TIMEOUT_MS });
  }

  analysis(id: string): Promise<Analysis> {
    const path = `/v1/incidents/${encodeURIComponent(id)}/analysis`;
    return this.#call({ path, schema: analysisSchema, timeoutMs: READING_TIMEOUT_MS });
  }

  incidentRemarks(id: string): Promise<IncidentRemarksView> {
    const path = `/v1/incidents/${encodeURIComponent(id)}/remarks`;
    const schema = incidentRemarksViewSchema;
    return this.#call({ path, schema, timeoutMs: READING_TIMEOUT_MS });
  }

  actOnIncident(id: string, body: IncidentActRequest): Promise<IncidentRemarksView> {
    const path = `/v1/incidents/${encodeURIComponent(id)}/remarks`;
    const schema = incidentRemarksViewSchema;
    return this.#call({ method: "POST", path, body, schema, timeoutMs: READING_TIMEOUT_MS });
  }

  statusPage(): Promise<StatusPage> {
    return this.#call({ path: "/v1/status", schema: statusPageSchema });
  }

  announceMaintenance(body: MaintenanceRequest): Promise<readonly PageMaintenance[]> {
    const schema = pageMaintenancesSchema;
    return this.#call({ method: "POST", path: "/v1/maintenances", body, schema });
  }

  endMaintenance(id: string, body: MaintenanceEnd): Promise<readonly PageMaintenance[]> {
    const path = `/v1/maintenances/${encodeURIComponent(id)}/end`;
    return this.#call({ method: "POST", path, body, schema: pageMaintenancesSchema });
  }

  freezes(): Promise<readonly FreezeView[]> {
    return this.#call({ path: "/v1/freezes", schema: listOf(freezeViewSchema) });
  }

  startFreeze(body: FreezeStart): Promise<readonly FreezeView[]> {
    const schema = listOf(freezeViewSchema);
    return this.#call({ method: "POST", path: "/v1/freezes", body, schema });
  }

  endFreeze(body: FreezeEnd): Promise<readonly FreezeView[]> {
    const schema = listOf(freezeViewSchema);
    return this.#call({ method: "POST", path: "/v1/freezes/end", body, schema });
  }

  forecasts(model: string): Promise<ForecastsView> {
    const path = `/v1/models/${encodeURIComponent(model)}/forecasts`;
    return this.#call({ path, schema: forecastsViewSchema, timeoutMs: READING_TIMEOUT_MS });
  }

  startMirror(model: string, body: MirrorRequest): Promise<MirrorView> {
    const path = mirrorPath(model);
    return this.#call({ method: "POST", path, body, schema: mirrorViewSchema });
  }

  stopMirror(model: string, body: MirrorStop): Promise<MirrorView> {
    const path = `${mirrorPath(model)}/stop`;
    return this.#call({ method: "POST", path, body, schema: mirrorViewSchema });
  }

  mirror(model: string): Promise<MirrorView> {
    return this.#call({ path: mirrorPath(model), schema: mirrorViewSchema });
  }

  verify(): Promise<VerifyResult> {
    const path = "/v1/journal/verify";
    return this.#call({ path, schema: verifyResultSchema, timeoutMs: READING_TIMEOUT_MS });
  }

  /** Views of a rollout as they change, until the controller ends the stream or `signal` aborts. */
  async *views(id: string, signal: AbortSignal): AsyncGenerator<RolloutView> {
    const path = `/v1/rollouts/${encodeURIComponent(id)}/events`;
    // A connection whose other end vanished says nothing more, for ever.
    const silent = new AbortController();
    let timer = setTimeout(() => silent.abort(), SILENCE_MAX_MS);
    const ended = AbortSignal.any([signal, silent.signal]);
    const events = new EventStream();
    const decoder = new TextDecoder();
    try {
      const response = await this.#fetch(path, { headers: this.#headers(false), signal: ended });
      if (!response.ok || response.body === null) throw await this.#refusal(response);
      for await (const chunk of response.body) {
        clearTimeout(timer);
        timer = setTimeout(() => silent.abort(), SILENCE_MAX_MS);
        for (const data of events.push(decoder.decode(chunk, { stream: true }))) {
          yield this.#parsed(data, rolloutViewSchema);
        }
      }
    } catch (error) {
      if (error instanceof SlipwayError || signal.aborted) throw error;
      throw this.#unreachable(error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #call<T>({ method = "GET", path, body, schema, timeoutMs }: Call<T>): Promise<T> {
    const response = await this.#fetch(path, {
      method,
      headers: this.#headers(body !== undefined),
      signal: AbortSignal.timeout(timeoutMs ?? REQUEST_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await this.#refusal(response);
    return this.#parsed(await this.#text(response), schema);
  }

  #headers(json: boolean): Record<string, string> {
    return {
      ...(this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }),
      ...(json ? { "content-type": "application/json" } : {}),
    };
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, init);
    } catch (error) {
      if (init.signal?.aborted === true && !isTimeout(error)) throw error;
      throw this.#unreachable(error);
    }
  }

  async #text(response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #parsed<T>(text: string, schema: Schema<T>): T {
    const parsed = schema.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    throw this.#stranger();
  }

  /** The controller's own refusal, or the fact that this is no controller. */
  async #refusal(response: Response): Promise<SlipwayError> {
    const body = errorBodySchema.safeParse(jsonOf(await this.#text(response)));
    if (!body.success) return this.#stranger();
    return new SlipwayError({ ...body.data.error, status: response.status });
  }

  #stranger(): SlipwayError {
    return new SlipwayError({
      code: "not_a_controller",
      status: 502,
      message: `what answers at ${this.url} is not a Slipway controller of this version`,
      fix: "check the address (--controller or SLIPWAY_CONTROLLER), and that both have the same version",
    });
  }

  #unreachable(error: unknown): SlipwayError {
    return new SlipwayError({
      code: "controller_unreachable",
      status: 503,
      message: `no controller answers at ${this.url} (${causeOf(error)})`,
      fix: "start one with slipway up, or name it with --controller URL or SLIPWAY_CONTROLLER",
    });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}

/** fetch hides why it failed one level down: ECONNREFUSED, ENOTFOUND, … */
function causeOf(error: unknown): string {
  if (isTimeout(error)) return "it took too long";
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") {
    return cause.code === "ECONNREFUSED" ? "connection refused" : cause.code;
  }
  return "the connection broke";
}

function mirrorPath(model: string): string {
  return `/v1/models/${encodeURIComponent(model)}/mirror`;
}
