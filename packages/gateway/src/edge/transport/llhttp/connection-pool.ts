// The connections to one origin. The one that was used last is used first, so that what is not needed falls idle.

import type { UpstreamFailure } from "../../../ports.ts";
import type { Llhttp } from "./llhttp.ts";
import type { UpstreamCall } from "./upstream-call.ts";
import { type ConnectionOwner, type Origin, UpstreamConnection } from "./upstream-connection.ts";

const CONNECTIONS_MAX = 4_096;
/** Below the 5 s after which common model servers close an idle connection. */
const IDLE_MS_MAX = 4_000;

const TOO_MANY: UpstreamFailure = {
  kind: "connect",
  message: `there are ${CONNECTIONS_MAX} connections to this upstream already`,
  unsent: true,
};

export class ConnectionPool implements ConnectionOwner {
  readonly #origin: Origin;
  readonly #llhttp: Llhttp;
  readonly #all = new Set<UpstreamConnection>();
  /** The one that fell idle last is at the end. */
  readonly #idle: UpstreamConnection[] = [];
  #waiting: UpstreamCall[] = [];
  #isRetired = false;

  constructor(origin: Origin, llhttp: Llhttp) {
    this.#origin = origin;
    this.#llhttp = llhttp;
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** `isFresh`: on a new connection. */
  place(call: UpstreamCall, isFresh: boolean): void {
    if (isFresh || this.#idle.length === 0) {
      this.#connect(call);
      return;
    }
    // A kept connection may have been closed, or written to out of turn, without its having been heard yet. All that
    // the system has to tell is heard before the immediates are run.
    if (this.#waiting.length === 0) setImmediate(() => this.#sendWaiting());
    this.#waiting.push(call);
  }

  released(connection: UpstreamConnection): void {
    if (this.#isRetired) connection.destroy();
    else this.#idle.push(connection);
  }

  closed(connection: UpstreamConnection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
  }

  closeIdle(nowMs: number): void {
    const oldest = nowMs - IDLE_MS_MAX;
    for (;;) {
      const [connection] = this.#idle;
      if (connection === undefined || connection.idleSinceMs > oldest) return;
      connection.destroy();
    }
  }

  /** What is under way goes on; nothing is kept. */
  retire(): void {
    this.#isRetired = true;
    for (const connection of [...this.#idle]) connection.destroy();
  }

  destroy(): void {
    this.#isRetired = true;
    for (const connection of [...this.#all]) connection.destroy();
  }

  #sendWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.closeIdle(performance.now());
    for (const call of waiting) {
      if (call.isOver) continue;
      const kept = this.#idle.pop();
      if (kept === undefined) this.#connect(call);
      else kept.send(call);
    }
  }

  #connect(call: UpstreamCall): void {
    if (this.#all.size >= CONNECTIONS_MAX) call.fail(TOO_MANY);
    else this.#all.add(new UpstreamConnection(this.#origin, this.#llhttp, this, call));
  }
}
