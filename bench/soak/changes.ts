// Tables that change under load: rollouts that begin, move on, step back and are rolled back, and configuration that is
// applied, by the control API as an operator would, and counted by the numbers of the tables that the gateway then follows.
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { loadConfig } from "@slipway/wire/config";

const MODEL = "soak";
const POLLS_MAX = 600;
const POLL_MS = 50;

type Phased = { readonly phase: { readonly kind: string } };
/** Where the next step can be taken; the others last until every gateway has confirmed. */
const SETTLED = ["stage", "paused", "rolled-back"];

/** `round` changes it each time; the limits are far above what the clients need. */
export function configOf(upstreamPort: number, round: number): string {
  const upstream = (model: string): string =>
    `{ url: "http://127.0.0.1:${upstreamPort}/v1", in-flight-max: ${2_000 + (round % 50)}, model: ${model} }`;
  return `models:
  ${MODEL}:
    stable: one
    versions:
      one: { upstreams: [${upstream("one")}] }
      two: { upstreams: [${upstream("two")}] }
    policy:
      stages:
        - { share: 10%, hold: 10h, min-requests: 1 }
        - { share: 50%, hold: 10h, min-requests: 1 }
        - { share: 90%, hold: 10h, min-requests: 1 }
        - { share: 100%, hold: 10h, min-requests: 1 }
      segments: { language: {}, input-length: {} }
`;
}

type Step = "start" | "promote" | "step-back" | "rollback" | "apply";
/** One round: a step back leaves a rollout paused, and what is rolled back begins anew. */
const ROUND: readonly Step[] = ["start", "promote", "promote", "apply", "step-back", "rollback"];

export class Changes {
  readonly #controller: string;
  readonly #upstreamPort: number;
  #rollout = "";
  #steps = 0;

  constructor(controller: string, upstreamPort: number) {
    this.#controller = controller;
    this.#upstreamPort = upstreamPort;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Throws with what the controller says when it refuses. */
  async next(): Promise<void> {
    const step = ROUND[this.#steps % ROUND.length] ?? "apply";
    await this.#confirmed();
    if (step === "apply") await this.#apply();
    else if (step === "start") await this.#start();
    else await this.#command(step);
    this.#steps++;
  }

  /** Every gateway follows what was last done, or has been replaced. */
  async #confirmed(): Promise<void> {
    for (let i = 0; i < POLLS_MAX && this.#rollout !== ""; i++) {
      const view = (await this.#send("GET", `/v1/rollouts/${this.#rollout}`)) as Phased;
      if (SETTLED.includes(view.phase.kind)) return;
      await sleep(POLL_MS);
    }
    if (this.#rollout !== "") throw new Error("a step of the rollout was not confirmed in time");
  }

  async #apply(): Promise<void> {
    const config = loadConfig({
      file: "slipway.yaml",
      text: configOf(this.#upstreamPort, this.#steps),
      sha256: (text) => createHash("sha256").update(text).digest("hex"),
      isSet: null,
    });
    if (!config.ok) throw new Error(JSON.stringify(config.problems));
    const { clients, models, pools } = config;
    await this.#send("PUT", "/v1/config", { clients, models, pools, by: "soak" });
  }

  async #start(): Promise<void> {
    const started = (await this.#send("POST", "/v1/rollouts", {
      model: MODEL,
      to: "two",
      by: "soak",
      reason: "a soak",
    })) as { readonly id: string };
    this.#rollout = started.id;
  }

  async #command(command: Step): Promise<void> {
    const path = `/v1/rollouts/${this.#rollout}/commands`;
    await this.#send("POST", path, { command, by: "soak", reason: "a soak" });
  }

  async #send(method: string, path: string, body: object | null = null): Promise<unknown> {
    const answer = await fetch(`${this.#controller}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body === null ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }
}
