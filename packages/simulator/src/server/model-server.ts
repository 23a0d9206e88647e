// A simulated model server: the OpenAI API on one side, a pool of engines on the other, no transport. A
// request passes a list of steps; the first that has something to say answers it.
import type { Cancel, Clock, Random } from "@slipway/core";
import type { EngineStats } from "../engine/engine.ts";
import { EnginePool } from "../engine/pool.ts";
import type { Fault } from "../fault.ts";
import type { SimulatedVersion } from "../version.ts";
import { type AnswerHead, answerWriter } from "./answer.ts";
import { type ApiError, apiError, sendError, sendJson } from "./api-error.ts";
import { type Call, readCall } from "./call.ts";
import type { Reply, ServerRequest } from "./exchange.ts";
import { type Affliction, Faults } from "./faults.ts";
import { runJob } from "./job.ts";
import { ProcessMemory } from "./process-memory.ts";
import { type Prompt, readPrompt } from "./prompt.ts";
import type { Quota } from "./quota.ts";
import { writtenCode } from "./written-code.ts";

type Headers = { [name: string]: string };

export type ModelServerOptions = {
  readonly version: SimulatedVersion;
  readonly clock: Clock;
  /** Draws which requests faults and refusals strike. */
  readonly random: Random;
  /** Engines that other versions run on too; its own where absent. */
  readonly engines?: EnginePool;
  /** A quota that other versions use up too; none where absent. */
  readonly quota?: Quota;
};

const NOTHING: Cancel = () => {};

export class ModelServer {
  readonly version: SimulatedVersion;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #pool: EnginePool;
  readonly #faults: Faults;
  readonly #quota: Quota | null;
  readonly #memory = new ProcessMemory();
  #requests = 0;

  constructor(options: ModelServerOptions) {
    const { version, clock, random } = options;
    this.#quota = options.quota ?? null;
    this.version = version;
    this.#clock = clock;
    this.#random = random;
    this.#pool = options.engines ?? new EnginePool(clock, version.engine, version.replicas);
    this.#faults = new Faults(clock, random, this.#pool);
    for (const fault of version.faults) this.#faults.plant(fault);
  }

  /** Requests inside the engines. */
  get load(): number {
    return this.#pool.load;
  }

  /** Per replica. */
  get stats(): readonly EngineStats[] {
    return this.#pool.stats;
  }

  /** Plants a fault from now on; its times count from now. Calling the result takes it out. */
  plant(fault: Fault): Cancel {
    return this.#faults.plant(fault);
  }

  /** Answers through `reply`. Calling the result says that the client has left. */
  handle(request: ServerRequest, reply: Reply): Cancel {
    if (this.#faults.crashed) {
      reply.cut();
      return NOTHING;
    }
    const headers: Headers = { "x-request-id": `req_${++this.#requests}` };
    const route = `${request.method} ${request.path.split("?")[0]}`;
    if (route === "GET /metrics") return tell(reply, this.#memory.metrics());
    const error = this.#authenticate(request);
    if (error !== undefined) return refuse(reply, error, headers);
    switch (route) {
      case "GET /v1/models":
        return this.#listModels(reply, headers);
      case "POST /v1/chat/completions":
        return this.#complete("chat", request, reply, headers);
      case "POST /v1/completions":
        return this.#complete("completions", request, reply, headers);
      default:
        return refuse(reply, apiError(404, `Unknown request URL: ${route}.`), headers);
    }
  }

  #authenticate(request: ServerRequest): ApiError | undefined {
    const { apiKey } = this.version;
    if (apiKey === undefined || request.authorization === `Bearer ${apiKey}`) {
      return undefined;
    }
    return apiError(401, "Incorrect API key provided.", { code: "invalid_api_key" });
  }

  #listModels(reply: Reply, headers: Headers): Cancel {
    const model = { id: this.version.model, object: "model", created: 0, owned_by: "simulator" };
    sendJson(reply, 200, JSON.stringify({ object: "list", data: [model] }), headers);
    return NOTHING;
  }

  #complete(api: Call["api"], request: ServerRequest, reply: Reply, headers: Headers): Cancel {
    const read = readCall(api, request.body);
    if (!read.ok) return refuse(reply, read.error, headers);
    const { call } = read;
    const unsupported = this.#unsupported(call);
    if (unsupported !== undefined) return refuse(reply, unsupported, headers);
    const prompt = readPrompt(this.version, call);
    if ("status" in prompt) return refuse(reply, prompt, headers);
    const overQuota = this.#admit(call, prompt, headers);
    if (overQuota !== undefined) return refuse(reply, overQuota, headers);
    this.#memory.request(this.#faults.leakedBytes);
    const affliction = this.#faults.afflict();
    if (affliction.errorStatus !== undefined) {
      const error = apiError(affliction.errorStatus, "The server had an error (planted).");
      return refuse(reply, error, headers);
    }
    if (affliction.garbage !== undefined) {
      return answerGarbage(reply, call, affliction.garbage, headers);
    }
    return this.#run(call, prompt, affliction, reply, headers);
  }

  #unsupported(call: Call): ApiError | undefined {
    if (call.model !== this.version.model) {
      const message = `The model '${call.model}' does not exist or you do not have access to it.`;
      return apiError(404, message, { code: "model_not_found", param: "model" });
    }
    const param = this.#faults.rejected(call.parameters);
    if (param === undefined) return undefined;
    return apiError(400, `Unsupported parameter: '${param}' is not supported with this model.`, {
      code: "unsupported_parameter",
      param,
    });
  }

  /** Counts against every quota in force, as a provider does: prompt and the longest answer allowed. */
  #admit(call: Call, prompt: Prompt, headers: Headers): ApiError | undefined {
    const { promptTokens, outputTokens } = prompt.request;
    let error: ApiError | undefined;
    const shared = this.#quota === null ? [] : [this.#quota];
    for (const quota of [...shared, ...this.#faults.quotas]) {
      error ??= quota.admit(promptTokens + (call.outputTokensMax ?? outputTokens));
      Object.assign(headers, quota.headers());
    }
    return error;
  }

  #run(call: Call, prompt: Prompt, affliction: Affliction, reply: Reply, headers: Headers): Cancel {
    const { brokenCode, refusals } = this.version;
    const { language } = call.hints;
    const refused = this.#draw(shareOf(refusals, language));
    const script =
      brokenCode === undefined
        ? null
        : writtenCode(call.api, language, this.#draw(shareOf(brokenCode, language)));
    const head: AnswerHead = {
      call,
      id: `${call.api === "chat" ? "chatcmpl" : "cmpl"}-${this.#requests}`,
      createdSeconds: Math.floor(this.#clock.wall() / 1000),
      refused,
      headers,
    };
    const job = { prompt, refused, script, breakage: affliction.breakage, api: call.api };
    const start = (): Cancel => runJob(this.#pool, job, answerWriter(reply, head), reply);
    if (affliction.delayMs === 0) return start();
    let stop = this.#clock.after(affliction.delayMs, () => {
      stop = start();
    });
    return () => stop();
  }

  #draw(rate: number): boolean {
    return rate > 0 && this.#random.next() < rate;
  }
}

function shareOf(
  shares: { readonly [language: string]: number },
  language: string | undefined,
): number {
  return (language === undefined ? undefined : shares[language]) ?? shares["*"] ?? 0;
}

function refuse(reply: Reply, error: ApiError, headers: Headers): Cancel {
  sendError(reply, error, headers);
  return NOTHING;
}

/** As engines do: whoever reaches the address may read it. */
function tell(reply: Reply, metrics: string): Cancel {
  reply.head(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  reply.chunk(metrics);
  reply.end();
  return NOTHING;
}

function answerGarbage(reply: Reply, call: Call, body: string, headers: Headers): Cancel {
  const type = call.stream ? "text/event-stream; charset=utf-8" : "application/json";
  reply.head(200, { ...headers, "content-type": type });
  if (body !== "") reply.chunk(body);
  reply.end();
  return NOTHING;
}
