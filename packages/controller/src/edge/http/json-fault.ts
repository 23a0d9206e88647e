// Where a text stops being JSON. The platform's parser names the place only sometimes, and people who send a broken
// body need it always. Used for texts that were refused, so it may be plain rather than fast.

/** Deeper than this it stops looking: the fault is reported there. */
const DEPTH_MAX = 500;

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// The lint rule about control characters is meant for mistakes; JSON forbids exactly these within strings.
const STRING = /"(?:[^"\\\p{Cc}]|\u007f|[\u0080-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;

/** The index of the first character that cannot stand there; the text's length where it ends too soon. */
export function jsonFaultIndex(text: string): number {
  const scan = new Scan(text);
  return scan.value(0) && scan.isAtEnd() ? text.length : scan.index;
}

class Scan {
  readonly #text: string;
  index = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Steps over one value; false leaves the index at the fault. */
  value(depth: number): boolean {
    this.#match(SPACE);
    const opens = this.#text[this.index];
    if (depth > DEPTH_MAX) return false;
    if (opens === "{") return this.#list("}", () => this.#member(depth + 1));
    if (opens === "[") return this.#list("]", () => this.value(depth + 1));
    return this.#match(opens === '"' ? STRING : SCALAR);
  }

  isAtEnd(): boolean {
    this.#match(SPACE);
    return this.index === this.#text.length;
  }

  #member(depth: number): boolean {
    this.#match(SPACE);
    if (!this.#match(STRING)) return false;
    return this.#take(":") && this.value(depth);
  }

  #list(closes: string, item: () => boolean): boolean {
    this.index++;
    if (this.#take(closes)) return true;
    while (item()) {
      if (this.#take(closes)) return true;
      if (!this.#take(",")) return false;
    }
    return false;
  }

  #take(character: string): boolean {
    this.#match(SPACE);
    if (this.#text[this.index] !== character) return false;
    this.index++;
    return true;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.index;
    const found = pattern.exec(this.#text);
    if (found === null) return false;
    this.index += found[0].length;
    return true;
  }
}
