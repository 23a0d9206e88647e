// Users see no error when only the candidate or the controller fails. What they do see is explained, one by one: by
// the worker that died under them, by stable, by an answer that had begun, or by a replay budget that was spent.
import type { WorldEvent } from "../event.ts";
import { URLS } from "../fleet.ts";
import type { Knowledge } from "../knowledge.ts";
import type { Checker, Objection } from "../record.ts";
import { ReplayAccount } from "./replay-account.ts";

type Passage = {
  readonly incarnation: string;
  readonly startedMs: number;
  readonly deadlineMs: number;
  /** The candidate's URL, by the table that it was assigned by; null without a split. */
  readonly candidate: string | null;
  /** Where it was sent last. */
  url: string;
  wasReplayed: boolean;
  hasData: boolean;
  how: "open" | "ended" | "failed" | "aborted";
  status: number;
  /** The budget was spent when its candidate failed. */
  wasUnaffordable: boolean;
};

const LOOK_EVERY_MS = 25;

class Users implements Checker {
  readonly name = "users";
  readonly #knowledge: Knowledge;
  readonly #passages = new Map<number, Passage>();
  readonly #accounts = new Map<string, ReplayAccount>();
  readonly #explained = new Map<string, number>();

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
  }

  on(event: WorldEvent, object: Objection): void {
    switch (event.kind) {
      case "assigned":
        this.#assigned(event);
        return;
      case "replayed":
        this.#replayed(event, object);
        return;
      case "attempt-refused":
        this.#failing(event.request);
        return;
      case "attempt-ended":
        this.#ended(event);
        return;
      case "answered":
        this.#answered(event, object);
        return;
      default:
        return;
    }
  }

  summary(): string {
    const counts = [...this.#explained].sort().map(([why, count]) => `${why} ${count}`);
    return counts.join(", ") || "no error";
  }

  #assigned({ request, worker, url }: Extract<WorldEvent, { kind: "assigned" }>): void {
    const known = this.#knowledge.of(worker);
    const { route } = known;
    const isCandidate = known.isCandidate(url);
    const nowMs = worker.clock.mono();
    this.#passages.set(request, {
      incarnation: worker.incarnation,
      startedMs: nowMs,
      deadlineMs: route?.deadlineMs ?? 0,
      candidate: isCandidate ? url : null,
      url,
      wasReplayed: false,
      hasData: false,
      how: "open",
      status: 0,
      wasUnaffordable: false,
    });
    if (isCandidate) this.#account(worker.incarnation).request(nowMs);
  }

  #replayed(
    { request, worker, url }: Extract<WorldEvent, { kind: "replayed" }>,
    object: Objection,
  ): void {
    const passage = this.#passages.get(request);
    if (passage === undefined) {
      object(`request ${request} was sent on, and never assigned`);
      return;
    }
    if (passage.candidate === null || passage.wasReplayed || url === passage.candidate) {
      object(`request ${request} was sent again, to ${url}`);
    }
    if (passage.hasData) object(`request ${request} was replayed after its answer had begun`);
    const account = this.#account(worker.incarnation);
    const nowMs = worker.clock.mono();
    if (!account.affords(nowMs)) object(`request ${request} was replayed beyond the budget`);
    account.replay(nowMs);
    passage.url = url;
    passage.wasReplayed = true;
    passage.how = "open";
  }

  /** The gateway is about to hear that an attempt failed, and decides at once. */
  #failing(request: number): void {
    const passage = this.#passages.get(request);
    if (passage === undefined || passage.wasReplayed) return;
    const nowMs = this.#monoOf(passage);
    const account = this.#account(passage.incarnation);
    const deadlineMs = passage.startedMs + passage.deadlineMs;
    if (nowMs < deadlineMs) {
      passage.wasUnaffordable = !account.affords(nowMs);
      return;
    }
    // One that waits is looked at every so often: at the last look in time there may have been a little less.
    const atMs = deadlineMs - LOOK_EVERY_MS;
    passage.wasUnaffordable = !(account.affords(atMs, 1) && account.affords(deadlineMs, 1));
  }

  #ended(event: Extract<WorldEvent, { kind: "attempt-ended" }>): void {
    const passage = this.#passages.get(event.request);
    if (passage === undefined) return;
    passage.how = event.how;
    passage.status = event.status;
    passage.hasData = event.hasData;
    const isRefused = event.status >= 400;
    if (!isRefused && (event.how === "failed" || !event.hasData)) this.#failing(event.request);
  }

  #answered(event: Extract<WorldEvent, { kind: "answered" }>, object: Objection): void {
    const { request, seen } = event;
    const passage = this.#passages.get(request);
    this.#passages.delete(request);
    if (passage !== undefined && seen.arm !== "none") this.#arm(passage, event, object);
    if (seen.error === null) return;
    const why = passage === undefined ? whyUnsent(seen.status) : this.#why(passage);
    if (why === null) {
      object(
        `request ${request} of ${seen.user} ended with ${seen.error} (${seen.status}) from ${seen.arm} after ${seen.totalMs} ms, and nothing explains it: ${JSON.stringify(passage)}`,
      );
      return;
    }
    this.#explained.set(why, (this.#explained.get(why) ?? 0) + 1);
  }

  /** Users are told truly who answered. */
  #arm(
    passage: Passage,
    { request, seen }: Extract<WorldEvent, { kind: "answered" }>,
    object: Objection,
  ): void {
    const arm = passage.url === passage.candidate ? "candidate" : "stable";
    const replayedFrom = passage.wasReplayed ? "candidate" : null;
    const told = URLS[seen.version];
    if (seen.arm === arm && seen.replayedFrom === replayedFrom && told === passage.url) return;
    object(
      `request ${request} was answered by ${passage.url} (${arm}); its user was told ${seen.version} (${seen.arm})`,
    );
  }

  /** Why an error could not be helped; null where it could. */
  #why(passage: Passage): string | null {
    if (this.#knowledge.workers.get(passage.incarnation)?.isAlive !== true) return "worker died";
    if (passage.url !== passage.candidate) {
      if (passage.status >= 400 || passage.how !== "ended") return "stable failed";
      return null;
    }
    if (passage.status < 400 && passage.hasData) return "candidate failed mid-answer";
    if (passage.wasUnaffordable) return "replay budget spent";
    return null;
  }

  #account(incarnation: string): ReplayAccount {
    const share = this.#knowledge.workers.get(incarnation)?.route?.replay.budget ?? 0;
    const account = this.#accounts.get(incarnation) ?? new ReplayAccount(share);
    this.#accounts.set(incarnation, account);
    return account;
  }

  #monoOf({ incarnation }: Passage): number {
    return this.#knowledge.workers.get(incarnation)?.worker.clock.mono() ?? 0;
  }
}

export function usersChecker(knowledge: Knowledge): Checker {
  return new Users(knowledge);
}

/** A request that was sent nowhere: no worker took it, or the one that had it was going. */
function whyUnsent(status: number): string | null {
  return status === 0 ? "no worker" : null;
}
