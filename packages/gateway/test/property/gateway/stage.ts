// A gateway in virtual time on which commands are played, and what of it can be known from outside: what every client was
// sent, what every call to an upstream said, and how often each thing happened.

import assert from "node:assert/strict";
import { hash } from "node:crypto";
import type { RawHeaders, UpstreamFailure, UpstreamRequest } from "../../../src/ports.ts";
import { bytes, tableOf } from "../../fixtures.ts";
import { FakeExchange, STREAM_TYPE, World } from "../../virtual-world.ts";
import type { Ask, Command, Failing, ShadowDoes, Speak, Table } from "./command.ts";
import { DEADLINE_MS, FIRST_TABLE, routeIn } from "./route.ts";
import type { Asked, Spoken } from "./spoken.ts";
import { failureOf, piece, whole } from "./words.ts";

export const BODY_BYTES_OPEN_MAX = 100_000;
const TOKEN = "x-token";

export class Stage {
  readonly world: World;
  readonly asked: Asked[] = [];
  readonly spoken: Spoken[] = [];
  readonly #hasMirror: boolean;
  readonly #byToken = new Map<string, Asked>();
  #tables = 0;
  #isRolledBack = false;
  table: Table = FIRST_TABLE;
  diverted = false;

  constructor(hasMirror: boolean) {
    this.#hasMirror = hasMirror;
    this.world = new World({
      limits: { queuePerUpstreamMax: 2, bodyBytesOpenMax: BODY_BYTES_OPEN_MAX },
    });
    this.world.failAtOnce = (request) => this.#called(request);
    this.#publish(FIRST_TABLE);
    this.world.acknowledge();
  }

  #publish(table: Table): void {
    this.table = table;
    this.#isRolledBack = table.split === "back";
    this.#tables++;
    const limits = { requestsPerMinute: null, tokensPerMinute: null, inFlightMax: 4 };
    const client = {
      name: "app",
      keyHashes: [hash("sha256", "key", "hex")],
      models: null,
      ...limits,
    };
    const clients = table.limited ? [client] : null;
    this.world.link.publish({ ...tableOf(this.#tables, routeIn(table, this.#hasMirror)), clients });
  }

  /** A request may go to a candidate now: a split, a lease or none needed, not diverted, not left. */
  get isCandidateOpen(): boolean {
    const { leaseMs, tripped } = this.world.gateway.snapshot();
    const { keeps, rollout, split } = this.table;
    if (split === "none" || this.#isRolledBack || this.diverted) return false;
    return (leaseMs > 0 || keeps) && !tripped.includes(rollout);
  }

  /** Every call passes here before the gateway has it. */
  #called(request: UpstreamRequest): UpstreamFailure | null {
    const call = this.world.lastCall;
    const token = headerIn(request.headers, TOKEN);
    const asked = this.#byToken.get(token ?? "");
    assert.ok(asked !== undefined, "an upstream is called for a request that there is");
    const host = new URL(request.baseUrl).hostname;
    const spoken: Spoken = {
      number: this.spoken.filter((one) => isShadow(one.host) === isShadow(host)).length,
      call,
      host,
      asked,
      status: 0,
      isBounded: false,
      said: "",
      isOver: false,
      failed: null,
      isPaused: false,
    };
    this.spoken.push(spoken);
    if (host.startsWith("shadow")) return null;
    assert.ok(!asked.exchange.isOver && !asked.hasLeft, "nothing is sent for who has gone");
    assert.equal(asked.exchange.status, 0, "nothing is sent again once the answer has begun");
    const isFirst = asked.calls.length === 0;
    asked.calls.push(spoken);
    if (!isFirst || asked.ask.fails === null) return null;
    spoken.isOver = true;
    spoken.failed = asked.ask.fails;
    return failureOf(asked.ask.fails);
  }

  play(command: Command): void {
    switch (command.kind) {
      case "ask":
        this.#ask(command);
        break;
      case "send-body":
      case "break-off":
        this.#upload(command.kind, command.pick);
        break;
      case "leave":
      case "slow":
      case "drain":
        this.#behave(command.kind, command.pick);
        break;
      case "pass":
        this.world.pass(command.ms);
        break;
      case "table":
        this.#publish(command.table);
        break;
      case "controller":
        this.world.leaseMs = { nothing: null, "a long lease": 60_000, "a short lease": 2_000 }[
          command.says
        ];
        break;
      case "divert":
        this.diverted = command.on;
        this.world.gateway.divert("gpt-5", command.on);
        break;
      case "shadow":
        this.#shadow(command.does, command.pick);
        break;
      default:
        this.#speak(command);
    }
    this.world.acknowledge();
  }

  #ask(ask: Ask): void {
    const token = `tok-${this.asked.length}.`;
    const body = {
      model: "gpt-5",
      stream: ask.streamed,
      messages: [{ role: "user", content: token }],
    };
    const headers = [TOKEN, token, "authorization", "Bearer key"];
    if (ask.user !== null) headers.push("x-user", `user-${ask.user}`);
    const exchange = new FakeExchange(
      ask.stores === null ? body : { ...body, store: ask.stores },
      headers,
      ask.path,
    );
    exchange.isUploading = ask.uploads;
    const asked = {
      token,
      ask,
      exchange,
      calls: [],
      isUploading: ask.uploads,
      hasLeft: false,
      brokeOff: false,
    };
    this.asked.push(asked);
    this.#byToken.set(token, asked);
    const isOpen = this.isCandidateOpen;
    this.world.ask(exchange);
    if (exchange.isOver) asked.isUploading = false;
    if (!ask.uploads) this.#checkPlace(asked, isOpen);
  }

  #checkPlace({ calls }: Asked, isCandidateOpen: boolean): void {
    const [first] = calls;
    if (first?.host.startsWith("candidate") === true) {
      assert.ok(isCandidateOpen, "no request goes to a candidate that is not open");
    }
  }

  #upload(kind: "send-body" | "break-off", pick: number): void {
    const asked = picked(
      this.asked.filter((one) => one.isUploading),
      pick,
    );
    if (asked === null) return;
    asked.isUploading = false;
    if (kind === "break-off") {
      asked.hasLeft = true;
      asked.brokeOff = true;
      asked.exchange.breakOff();
      return;
    }
    const isOpen = this.isCandidateOpen;
    asked.exchange.sendBody();
    this.#checkPlace(asked, isOpen);
  }

  #behave(kind: "leave" | "slow" | "drain", pick: number): void {
    const open = this.asked.filter(
      ({ exchange, hasLeft, isUploading }) => !exchange.isOver && !hasLeft && !isUploading,
    );
    const asked = picked(open, pick);
    if (asked === null) return;
    if (kind === "slow") asked.exchange.isSlow = true;
    else if (kind === "drain") this.#drain(asked);
    else {
      asked.hasLeft = true;
      asked.exchange.leave();
    }
  }

  #drain(asked: Asked): void {
    const before = asked.calls.map(({ call }) => call.resumed);
    asked.exchange.drain();
    for (const [at, spoken] of asked.calls.entries()) {
      if (spoken.call.resumed > (before[at] ?? 0)) spoken.isPaused = false;
      assert.ok(!spoken.isPaused || isDone(spoken), "and goes on when that has caught up");
    }
  }

  /** Calls of requests that have not ended and not been given up. */
  get open(): readonly Spoken[] {
    return this.spoken.filter(
      ({ call, host, isOver }) => !isOver && !call.isAborted && !isShadow(host),
    );
  }

  get openShadows(): readonly Spoken[] {
    return this.spoken.filter(
      ({ call, host, isOver }) => !isOver && !call.isAborted && isShadow(host),
    );
  }

  #speak(command: Speak): void {
    const spoken = picked(this.open, command.pick);
    if (spoken === null) return;
    if (command.kind === "error") {
      // Nothing is stale or unsent once something of an answer has come.
      this.#fail(spoken, spoken.status === 0 ? command.how : "connect");
      return;
    }
    const status = command.kind === "head" || command.kind === "answer" ? command.status : 200;
    if (spoken.status === 0) this.#head(spoken, status, command.kind === "head" && command.bounded);
    if (command.kind !== "head" && !isDone(spoken) && !spoken.isPaused) this.#go(spoken, command);
  }

  #fail(spoken: Spoken, how: Failing): void {
    spoken.isOver = true;
    spoken.failed = how;
    spoken.call.sink.onError(failureOf(how));
  }

  /** More of an answer whose head has gone; perhaps its end. */
  #go(spoken: Spoken, command: Exclude<Speak, { readonly kind: "head" | "error" }>): void {
    const { call, status } = spoken;
    if (command.kind === "chunk") {
      this.#say(spoken, piece(spoken, command.breaks));
    } else if (command.kind === "error-event") {
      this.#say(spoken, 'data: {"error":{"code":500}}\n\n');
    } else {
      const isEmpty = command.kind === "end" || status === 204 || status === 304;
      if (!isEmpty) this.#say(spoken, whole(spoken));
      if (isDone(spoken)) return;
      spoken.isOver = true;
      call.sink.onEnd();
    }
  }

  #head(spoken: Spoken, status: number, isBounded: boolean): void {
    spoken.status = status;
    spoken.isBounded = isBounded;
    const { streamed } = spoken.asked.ask;
    const type: RawHeaders =
      streamed && status < 300 ? STREAM_TYPE : ["content-type", "application/json"];
    spoken.call.sink.onHead(status, isBounded ? [...type, "content-length", "99999"] : type);
  }

  #say(spoken: Spoken, text: string): void {
    spoken.said += text;
    const goesOn = spoken.call.sink.onData(bytes(text));
    const { exchange } = spoken.asked;
    assert.ok(!goesOn || !exchange.isSlow || isDone(spoken), "an upstream waits for a slow client");
    if (!goesOn) spoken.isPaused = true;
  }

  #shadow(does: ShadowDoes, pick: number): void {
    const spoken = picked(this.openShadows, pick);
    if (spoken === null) return;
    const { call } = spoken;
    if (does === "head") {
      if (spoken.status === 0) this.#head(spoken, 200, false);
      return;
    }
    spoken.isOver = true;
    if (does === "cut") call.sink.onError(failureOf("connect"));
    else if (spoken.status === 0) call.answer(does === "refuse" ? 500 : 200, whole(spoken));
    else call.sink.onEnd();
  }

  /** Nothing new comes; what is open ends, or passes its deadline; the controller hears all of it. */
  settle(): void {
    this.world.leaseMs = 60_000;
    for (const asked of this.asked) if (asked.isUploading) this.#upload("break-off", 0);
    this.world.pass(DEADLINE_MS + 1_000);
    for (const spoken of this.openShadows) {
      spoken.isOver = true;
      spoken.call.sink.onError(failureOf("connect"));
    }
    this.world.pass(2_500);
  }
}

const isShadow = (host: string): boolean => host.startsWith("shadow");

/** The gateway has ended it meanwhile. */
function isDone({ call, isOver }: Spoken): boolean {
  return isOver || call.isAborted;
}

function headerIn(headers: RawHeaders, name: string): string | null {
  const at = headers.indexOf(name);
  return at === -1 ? null : (headers[at + 1] ?? null);
}

function picked<T>(of: readonly T[], pick: number): T | null {
  return of.length === 0 ? null : (of[pick % of.length] ?? null);
}
