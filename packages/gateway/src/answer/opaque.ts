// An answer that the gateway cannot or need not read: compressed, or of an API it does not know. It is good when
// it ends cleanly.

import type { Outcome } from "@slipway/core";
import type { AnswerScan } from "./answer-scan.ts";

export class OpaqueScan implements AnswerScan {
  readonly #needsBody: boolean;
  #bytes = 0;

  constructor(needsBody: boolean) {
    this.#needsBody = needsBody;
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
  }

  isComplete(): boolean {
    return false;
  }

  isBetweenEvents(): boolean {
    return false;
  }

  outcome(): Outcome {
    return this.#needsBody && this.#bytes === 0 ? "invalid" : "ok";
  }

  usage(): null {
    return null;
  }

  ending(): null {
    return null;
  }

  outputCount(): number {
    return 0;
  }
}
