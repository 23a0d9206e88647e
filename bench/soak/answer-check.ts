// Looks at an answer as a client gets it, and says all that is wrong with it.
import { crc32 } from "node:zlib";
import { eventOf, type Plan } from "./turn-shape.ts";

/** What can be wrong with an answer that came. */
export const FAULTS = ["lost", "doubled", "reordered", "changed", "foreign"] as const;
export type Fault = (typeof FAULTS)[number];

/** One stream. Its events may be cut anywhere by the network. */
export class StreamCheck {
  readonly #plan: Plan;
  readonly #seen = new Set<number>();
  readonly #faults = new Set<Fault>();
  #rest = "";
  #next = 0;
  #sum = 0;
  #sumWanted: number | null = null;
  #isDone = false;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  get chunks(): number {
    return this.#seen.size;
  }

  /** The checksum of the chunks so far. */
  get sum(): number {
    return this.#sum;
  }

  data(text: string): void {
    this.#rest += text;
    let from = 0;
    let end = this.#rest.indexOf("\n\n");
    while (end >= 0) {
      this.#event(this.#rest.slice(from, end + 2));
      from = end + 2;
      end = this.#rest.indexOf("\n\n", from);
    }
    this.#rest = this.#rest.slice(from);
  }

  #event(text: string): void {
    const event = eventOf(text);
    if (this.#isDone) this.#faults.add("doubled");
    if (event.kind === "done") this.#isDone = true;
    else if (event.kind === "other") this.#faults.add("changed");
    else if (event.token !== this.#plan.token) this.#faults.add("foreign");
    else if (event.kind === "sum") this.#sumWanted = event.sum;
    else this.#chunk(event.number, text);
  }

  #chunk(number: number, text: string): void {
    if (this.#seen.has(number)) this.#faults.add("doubled");
    else if (number < this.#next) this.#faults.add("reordered");
    this.#seen.add(number);
    this.#next = Math.max(this.#next, number + 1);
    this.#sum = crc32(text, this.#sum);
  }

  /** Of a stream that its client left: there must be no hole in what had come. */
  cut(): ReadonlySet<Fault> {
    if (this.#seen.size < this.#next) this.#faults.add("lost");
    return this.#faults;
  }

  end(): ReadonlySet<Fault> {
    const isShort = this.#seen.size < this.#plan.pieces || this.#sumWanted === null;
    if (isShort || !this.#isDone) this.#faults.add("lost");
    else if (this.#sum !== this.#sumWanted || this.#rest !== "") this.#faults.add("changed");
    return this.#faults;
  }
}

/** One answer that is a document. */
export function wholeFaults(text: string, plan: Plan, prompt: string): ReadonlySet<Fault> {
  const found = /"content":"(\S+) (\d+) (\d+) (\d*)"/.exec(text);
  if (found === null) return new Set(["lost"]);
  const [, token, promptSum, sum, padding = ""] = found;
  if (token !== plan.token) return new Set(["foreign"]);
  const length = plan.pieces * plan.pieceChars;
  if (padding.length < length || !text.endsWith("}")) return new Set(["lost"]);
  const isGood =
    padding.length === length &&
    Number(sum) === crc32(padding) &&
    Number(promptSum) === crc32(prompt);
  return new Set(isGood ? [] : ["changed"]);
}
