// llhttp, the parser inside Node's own HTTP, in the WebAssembly build that undici ships and uses. It runs strict: none of
// its lenient flags is ever set. One instance serves many connections, one after another: while a parser runs, it only
// notes where things stand, and whoever runs it hears of them when it has returned.

import { createRequire } from "node:module";
import { SlipwayError } from "@slipway/wire";

/** Numbers of llhttp's own interface. */
export const MESSAGE = { request: 1, response: 2 } as const;
export type MessageKind = (typeof MESSAGE)[keyof typeof MESSAGE];
const OK = 0;
const PAUSED = 21;
const PAUSED_UPGRADE = 22;

/** So much is parsed at once; it is what a socket gives at once. */
const INPUT_BYTES = 64 * 2 ** 10;
const MARK_NUMBERS = 3;

/** What a mark is about. Those up to `value` have a place in the input. */
export const MARK = { url: 0, name: 1, value: 2, body: 3, head: 4, end: 5 } as const;

type Exports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly malloc: (bytes: number) => number;
  readonly llhttp_alloc: (kind: number) => number;
  readonly llhttp_free: (parser: number) => void;
  readonly llhttp_execute: (parser: number, at: number, bytes: number) => number;
  readonly llhttp_finish: (parser: number) => number;
  readonly llhttp_resume: (parser: number) => void;
  readonly llhttp_get_method: (parser: number) => number;
  readonly llhttp_get_http_major: (parser: number) => number;
  readonly llhttp_get_http_minor: (parser: number) => number;
  readonly llhttp_get_error_pos: (parser: number) => number;
  readonly llhttp_get_error_reason: (parser: number) => number;
  readonly llhttp_errno_name: (code: number) => number;
  readonly llhttp_method_name: (method: number) => number;
};

/** What llhttp itself concludes from a head. */
export type HeadFacts = {
  status: number;
  keepsAlive: boolean;
  /** It asks for, or grants, another protocol. */
  upgrades: boolean;
};

/** How a run ended: `rest` is where the first byte stands that was not consumed. */
export type Run = { readonly rest: number; readonly error: string | null };

export class Llhttp {
  readonly #exports: Exports;
  readonly #input: number;
  #memory: Uint8Array;
  readonly #methods = new Map<number, string>();
  /** Kind, offset in the chunk, length; in turn. */
  marks: Int32Array = new Int32Array(MARK_NUMBERS * 256);
  markNumbers = 0;
  readonly facts: HeadFacts = { status: 0, keepsAlive: false, upgrades: false };
  #headBytesLeft = 0;
  #skipsBody = false;
  /** Added to an address in the input gives the offset in the chunk. */
  #shift = 0;

  constructor() {
    const note = (mark: number) => (_: number, at: number, bytes: number) => {
      this.#headBytesLeft -= bytes;
      if (this.#headBytesLeft < 0) return -1;
      return this.#mark(mark, at + this.#shift, bytes);
    };
    this.#exports = instantiate({
      wasm_on_message_begin: () => 0,
      wasm_on_status: () => 0,
      wasm_on_url: note(MARK.url),
      wasm_on_header_field: note(MARK.name),
      wasm_on_header_value: note(MARK.value),
      wasm_on_headers_complete: (_, status, upgrades, keepsAlive) => {
        this.facts.status = status;
        this.facts.upgrades = upgrades === 1;
        this.facts.keepsAlive = keepsAlive === 1;
        this.#mark(MARK.head, 0, 0);
        return this.#skipsBody ? 1 : 0;
      },
      wasm_on_body: (_, at, bytes) => this.#mark(MARK.body, at + this.#shift, bytes),
      wasm_on_message_complete: () => {
        this.#mark(MARK.end, 0, 0);
        return PAUSED;
      },
    });
    this.#input = this.#exports.malloc(INPUT_BYTES);
    this.#memory = new Uint8Array(this.#exports.memory.buffer);
  }

  allocate(kind: MessageKind): number {
    return this.#exports.llhttp_alloc(kind);
  }

  free(parser: number): void {
    this.#exports.llhttp_free(parser);
  }

  resume(parser: number): void {
    this.#exports.llhttp_resume(parser);
  }

  /**
   * Parses from `from` on, as far as the end of a message, of the chunk, or of what fits at once; `marks` then has what
   * was found. Names, values and the URL of a message may have `headBytesLeft` bytes more.
   */
  run(
    parser: number,
    chunk: Uint8Array,
    from: number,
    headBytesLeft: number,
    skipsBody: boolean,
  ): Run {
    const to = Math.min(chunk.length, from + INPUT_BYTES);
    if (this.#memory.buffer !== this.#exports.memory.buffer) {
      this.#memory = new Uint8Array(this.#exports.memory.buffer);
    }
    const isWhole = from === 0 && to === chunk.length;
    this.#memory.set(isWhole ? chunk : chunk.subarray(from, to), this.#input);
    this.markNumbers = 0;
    this.#shift = from - this.#input;
    this.#headBytesLeft = headBytesLeft;
    this.#skipsBody = skipsBody;
    const code = this.#exports.llhttp_execute(parser, this.#input, to - from);
    if (code === OK) return { rest: to, error: null };
    const rest = this.#exports.llhttp_get_error_pos(parser) + this.#shift;
    const isPaused = code === PAUSED || code === PAUSED_UPGRADE;
    return { rest, error: isPaused ? null : this.#errorOf(parser, code) };
  }

  /** The connection has ended. Null when that was a good end of the message; `marks` then has it. */
  finish(parser: number): string | null {
    this.markNumbers = 0;
    const code = this.#exports.llhttp_finish(parser);
    const isGood = code === OK || code === PAUSED || code === PAUSED_UPGRADE;
    return isGood ? null : this.#errorOf(parser, code);
  }

  /** What the newest head may still add before it is too large; below 0 when it is. */
  get headBytesLeft(): number {
    return this.#headBytesLeft;
  }

  methodOf(parser: number): string {
    const number = this.#exports.llhttp_get_method(parser);
    const known = this.#methods.get(number);
    if (known !== undefined) return known;
    const name = this.#text(this.#exports.llhttp_method_name(number));
    this.#methods.set(number, name);
    return name;
  }

  versionOf(parser: number): string {
    const major = this.#exports.llhttp_get_http_major(parser);
    const minor = this.#exports.llhttp_get_http_minor(parser);
    return major === 1 && minor === 1 ? "1.1" : `${major}.${minor}`;
  }

  #mark(kind: number, at: number, bytes: number): number {
    const { marks } = this;
    if (this.markNumbers === marks.length) {
      this.marks = new Int32Array(2 * marks.length);
      this.marks.set(marks);
    }
    this.marks[this.markNumbers] = kind;
    this.marks[this.markNumbers + 1] = at;
    this.marks[this.markNumbers + 2] = bytes;
    this.markNumbers += MARK_NUMBERS;
    return 0;
  }

  #errorOf(parser: number, code: number): string {
    const name = this.#text(this.#exports.llhttp_errno_name(code));
    const reason = this.#exports.llhttp_get_error_reason(parser);
    return reason === 0 ? name : `${name}: ${this.#text(reason)}`;
  }

  /** A text of llhttp's own, which ends with a zero. */
  #text(at: number): string {
    const bytes = new Uint8Array(this.#exports.memory.buffer);
    return Buffer.from(bytes.subarray(at, bytes.indexOf(0, at))).toString("latin1");
  }
}

type Callback = (parser: number, first: number, second: number, third: number) => number;
type Callbacks = { readonly [name: string]: Callback };

/** The part of the global that is used here; the compiler's library for Node has no types for it. */
type WebAssemblyGlobal = {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: Callbacks },
  ) => { readonly exports: object };
};

/** On these the build with SIMD loads, and undici does not trust it: it has gone wrong on some of their processors. */
const ARCHS_WITHOUT_SIMD: ReadonlySet<string> = new Set(["riscv64", "ppc64"]);
const FILES = ["undici/lib/llhttp/llhttp_simd-wasm.js", "undici/lib/llhttp/llhttp-wasm.js"];

/** The build without SIMD is for processors that lack it. Throws SlipwayError `no_llhttp`. */
function instantiate(callbacks: Callbacks): Exports {
  const { WebAssembly } = globalThis as unknown as { WebAssembly?: WebAssemblyGlobal };
  if (WebAssembly === undefined) throw noLlhttp("this Node has no WebAssembly");
  const { Instance, Module } = WebAssembly;
  const require = createRequire(import.meta.url);
  let why = "";
  for (const file of ARCHS_WITHOUT_SIMD.has(process.arch) ? FILES.slice(1) : FILES) {
    try {
      const module = new Module(require(file) as Uint8Array);
      return new Instance(module, { env: callbacks }).exports as Exports;
    } catch (error) {
      why = `${file}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  throw noLlhttp(why);
}

/** The other transport calls upstreams with the same parser, so that it is of no help here. */
function noLlhttp(why: string): SlipwayError {
  return new SlipwayError({
    code: "no_llhttp",
    status: 500,
    message: `the parser of HTTP cannot be loaded: ${why}`,
    fix: "Start Node without --jitless. Where a file is missing, install again: undici brings the parser.",
  });
}
