// One client of a soak: it takes turns, one after another, on kept connections and on new ones, looks at every answer, and
// leaves where its turn says so.
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { createConnection } from "node:net";
import { StreamCheck, wholeFaults } from "./answer-check.ts";
import { blame, raced, type Tally, type Trouble } from "./tally.ts";
import { bodyOf, promptOf } from "./turn-shape.ts";
import { randomOf, type Turn, turnOf } from "./turns.ts";

export type ClientsOrder = {
  readonly port: number;
  readonly seed: number;
  /** Users whose keys the requests carry. */
  readonly users: number;
};

const ANSWER_MS_MAX = 30_000;
const SLOW_PAUSE_MS = 5;
/** What the end of a connection looks like to whoever writes to it. */
const ENDS: readonly string[] = ["ECONNRESET", "EPIPE"];
const CHAT_PATH = "/v1/chat/completions";

export class Client {
  readonly #order: ClientsOrder;
  readonly #number: number;
  readonly #tally: Tally;
  readonly #random: () => number;
  #agent: Agent;
  #turns = 0;

  constructor(order: ClientsOrder, number: number, tally: Tally) {
    this.#order = order;
    this.#number = number;
    this.#tally = tally;
    this.#random = randomOf(order.seed * 10_007 + number);
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
  }

  close(): void {
    this.#agent.destroy();
  }

  turn(): Promise<void> {
    const token = `t${this.#number}-${this.#turns++}`;
    const turn = turnOf(token, this.#random);
    if (turn.beginsAfresh) {
      this.#agent.destroy();
      this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
    }
    return turn.kind === "leave-in-head" ? this.#leaveInHead(turn) : this.#ask(turn);
  }

  /** A connection that ends with half a head. */
  #leaveInHead(turn: Turn): Promise<void> {
    return new Promise((resolve) => {
      const socket = createConnection(this.#order.port, "127.0.0.1", () => {
        this.#tally.connections++;
        socket.write(`POST ${CHAT_PATH} HTTP/1.1\r\nhost: soak\r\ncontent-le`);
        setTimeout(() => socket.destroy(), turn.leaveAfter);
      });
      let isTroubled = false;
      socket.on("error", (error: NodeJS.ErrnoException) => {
        isTroubled = true;
        this.#blame(turn, error.code === "ECONNREFUSED" ? "refused" : "cut", error.message);
      });
      socket.on("close", () => {
        if (!isTroubled) this.#tally.left[turn.kind]++;
        resolve();
      });
    });
  }

  #ask(turn: Turn): Promise<void> {
    const isModels = turn.kind === "models";
    const prompt = promptOf(turn.plan.token, turn.promptChars);
    const user = `user-${Math.floor(this.#random() * this.#order.users)}`;
    const body = isModels ? "" : bodyOf(turn.plan, user, prompt, turn.isStream);
    return new Promise((resolve) => {
      const sent = request({
        port: this.#order.port,
        host: "127.0.0.1",
        path: isModels ? "/v1/models" : CHAT_PATH,
        method: isModels ? "GET" : "POST",
        agent: turn.isAlone ? false : this.#agent,
        headers: isModels
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      });
      const settled = new Settling(turn, sent, (trouble, story) => {
        if (trouble === "left") this.#tally.left[turn.kind]++;
        else if (trouble === null) this.#tally.done[turn.kind]++;
        else this.#blame(turn, trouble, story);
        resolve();
      });
      sent.on("socket", (socket) => {
        if (!sent.reusedSocket) socket.once("connect", () => this.#tally.connections++);
      });
      sent.on("response", (answer) => {
        settled.hasBegun = true;
        this.#hear(turn, prompt, answer, settled);
      });
      sent.on("error", (error: NodeJS.ErrnoException) => {
        const { code = error.message } = error;
        if (sent.reusedSocket && ENDS.includes(code) && settled.abandon()) {
          raced(this.#tally);
          void this.#ask({ ...turn, isAlone: true }).then(resolve);
        } else {
          settled.end(code === "ECONNREFUSED" ? "refused" : "cut", code);
        }
      });
      if (turn.kind === "leave-in-body") {
        sent.write(body.slice(0, body.length >> 1));
        setTimeout(() => settled.leave(), turn.leaveAfter);
      } else {
        sent.end(body);
      }
      if (turn.kind === "leave-waiting") setTimeout(() => settled.leave(), turn.leaveAfter);
    });
  }

  #hear(turn: Turn, prompt: string, answer: IncomingMessage, settled: Settling): void {
    answer.setEncoding("latin1");
    answer.on("error", (error) => settled.end("cut", error.message));
    if (answer.statusCode !== 200) {
      let text = "";
      answer.on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => settled.end("error", `${answer.statusCode} ${text.slice(0, 300)}`));
      return;
    }
    if (turn.isStream) this.#hearStream(turn, answer, settled);
    else this.#hearWhole(turn, prompt, answer, settled);
  }

  #hearStream(turn: Turn, answer: IncomingMessage, settled: Settling): void {
    const check = new StreamCheck(turn.plan);
    let counted = 0;
    answer.on("data", (part: string) => {
      check.data(part);
      this.#tally.chunks += check.chunks - counted;
      counted = check.chunks;
      if (turn.kind === "slow") {
        answer.pause();
        setTimeout(() => answer.resume(), SLOW_PAUSE_MS);
      }
      if (turn.kind === "leave-in-stream" && check.chunks > turn.leaveAfter) {
        settled.leave([...check.cut()][0] ?? null);
      }
    });
    answer.on("end", () => settled.end([...check.end()][0] ?? null, "a stream"));
  }

  #hearWhole(turn: Turn, prompt: string, answer: IncomingMessage, settled: Settling): void {
    let text = "";
    answer.on("data", (part: string) => {
      text += part;
      if (turn.kind === "leave-in-answer") settled.leave();
    });
    answer.on("end", () => {
      const faults = turn.kind === "models" ? [] : [...wholeFaults(text, turn.plan, prompt)];
      settled.end(faults[0] ?? null, text.slice(0, 200));
    });
  }

  #blame({ kind, plan }: Turn, trouble: Trouble, story: string): void {
    blame(this.#tally, trouble, `${kind} ${plan.token}: ${story}`);
  }
}

/** How one turn ends: once, by its answer, its client or its time. */
class Settling {
  readonly #sent: ClientRequest;
  readonly #settle: (trouble: Trouble | "left" | null, story: string) => void;
  readonly #timer: NodeJS.Timeout;
  /** The head of the answer has come. */
  hasBegun = false;
  #isOver = false;

  constructor(
    turn: Turn,
    sent: ClientRequest,
    settle: (trouble: Trouble | "left" | null, story: string) => void,
  ) {
    this.#sent = sent;
    this.#settle = settle;
    this.#timer = setTimeout(() => {
      this.end("unanswered", `after ${ANSWER_MS_MAX} ms (${turn.isAlone ? "new" : "kept"})`);
      sent.destroy();
    }, ANSWER_MS_MAX);
  }

  end(trouble: Trouble | null, story: string): void {
    this.#once(trouble, story);
  }

  /** For another try; false when it is too late for one. */
  abandon(): boolean {
    if (this.#isOver || this.hasBegun) return false;
    this.#isOver = true;
    clearTimeout(this.#timer);
    return true;
  }

  /** The client leaves; what it has seen so far may be wrong all the same. */
  leave(trouble: Trouble | null = null): void {
    if (this.#isOver) return;
    this.#once(trouble ?? "left", "before its client left");
    this.#sent.destroy();
  }

  #once(trouble: Trouble | "left" | null, story: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#settle(trouble, story);
  }
}
