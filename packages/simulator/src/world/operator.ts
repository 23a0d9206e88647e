// The operator of a world: keeps a rollout under way, and now and then commands whatever comes to mind.
import type { Controller } from "@slipway/controller";
import { COMMANDS, type Command, type Random } from "@slipway/core";
import { type ApplyRequest, SlipwayError } from "@slipway/wire";
import type { ControllerProcess } from "./controller-process.ts";
import type { WorldEvent } from "./event.ts";
import { FIRST_CANDIDATE, FIRST_STABLE, MODEL } from "./fleet.ts";

/** Leases that are configured anew last from here to twice as long. */
const LEASE_MS_MIN = 4_000;

export type OperatorOptions = {
  readonly random: Random;
  readonly process: ControllerProcess;
  readonly configuration: (leaseMs: number) => ApplyRequest;
  readonly tell: (event: WorldEvent) => void;
};

/** Pages are a person's: taking one moves and holds nothing. */
const MEDDLING = COMMANDS.filter((command) => command !== "acknowledge");

export class Operator {
  readonly #options: OperatorOptions;
  #asked = 0;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  /** The rollout under way, as the controller says; null for none, or no controller. */
  get rollout(): string | null {
    return this.#options.process.controller?.models()[0]?.rollout ?? null;
  }

  get stable(): string | null {
    return this.#options.process.controller?.models()[0]?.stable ?? null;
  }

  /** Starts a rollout to the version that is not stable, unless there is one. */
  ensureRollout(): void {
    const { stable } = this;
    if (stable === null || this.rollout !== null) return;
    const to = stable === FIRST_STABLE ? FIRST_CANDIDATE : FIRST_STABLE;
    this.#ask("start", (controller, reason) =>
      controller.start({ model: MODEL, to, by: "operator", reason }),
    );
  }

  /** Lets a paused rollout go on. */
  async resumeIfPaused(): Promise<void> {
    const id = this.rollout;
    const { controller } = this.#options.process;
    if (id === null || controller === null) return;
    const { phase } = await this.#options.process.call(() => controller.rollout(id));
    if (phase.kind === "paused") this.#command(id, "resume");
  }

  /** Applies another policy, which counts from the next rollout on. */
  reconfigure(): void {
    const { configuration, process, random, tell } = this.#options;
    const leaseMs = Math.round(LEASE_MS_MIN * (1 + random.next()));
    const note = (text: string): void => tell({ kind: "note", text: `operator: apply ${text}` });
    note(`a lease of ${leaseMs} ms`);
    process
      .call((controller) => controller.apply(configuration(leaseMs)))
      .then(
        ({ table }) => note(`gave table ${table}`),
        (error: unknown) => note(`failed: ${String(error)}`),
      );
  }

  /** Gives up what is under way. */
  rollBack(): void {
    const id = this.rollout;
    if (id === null) return;
    this.#options.tell({ kind: "note", text: `operator: ${id} cannot be decided` });
    this.#command(id, "rollback");
  }

  /** Any command, fitting or not. */
  meddle(): void {
    const { random, process } = this.#options;
    const command = MEDDLING[Math.floor(random.next() * MEDDLING.length)] ?? "pause";
    const warm = process.controller?.models()[0]?.warm?.rollout ?? null;
    const id = this.rollout ?? (command === "revert" ? warm : null);
    if (id !== null) this.#command(id, command, random.next() < 0.3 ? "end" : "next");
  }

  #command(id: string, command: Command, to: "next" | "end" = "next"): void {
    this.#ask(command, (controller, reason) =>
      controller.command(id, {
        command,
        by: "operator",
        reason,
        ...(command === "promote" ? { to } : {}),
      }),
    );
  }

  #ask(
    command: Command | "start",
    work: (controller: Controller, reason: string) => Promise<unknown>,
  ): void {
    const { process, tell } = this.#options;
    const reason = `ask-${++this.#asked}`;
    tell({ kind: "command-asked", reason, command });
    const answered = (code: string | null): void =>
      tell({ kind: "command-answered", reason, code });
    process
      .call((controller) => work(controller, reason))
      .then(
        () => answered(null),
        (error: unknown) => answered(error instanceof SlipwayError ? error.code : String(error)),
      );
  }
}
