// A request and its copies: what the user got, and what the version that is mirrored to made of the same.

import type { MirrorRow } from "@slipway/core";
import { addAnswer, type MirrorAnswer } from "./mirror-ledger.ts";

export class Pair {
  readonly #row: (mirrorId: string) => MirrorRow;
  readonly #mirrorId: string;
  readonly #streamed: boolean;
  #primary: MirrorAnswer | null = null;
  /** Copies that were refused with a 4xx; whose fault that is, the user's answer has to show. */
  #undecided: MirrorAnswer[] = [];

  constructor(row: (mirrorId: string) => MirrorRow, mirrorId: string, streamed: boolean) {
    this.#row = row;
    this.#mirrorId = mirrorId;
    this.#streamed = streamed;
  }

  /** The request has ended; once. */
  primary(answer: MirrorAnswer): void {
    this.#primary = answer;
    addAnswer(this.#row(this.#mirrorId).primary, answer, this.#streamed);
    const undecided = this.#undecided;
    this.#undecided = [];
    for (const shadow of undecided) this.shadow(shadow);
  }

  /** A copy has ended. */
  shadow(answer: MirrorAnswer): void {
    const isRefused = answer.outcome === "client_error";
    if (isRefused && this.#primary === null) {
      this.#undecided.push(answer);
      return;
    }
    const isIncompatible = isRefused && this.#primary?.outcome === "ok";
    const judged = isIncompatible ? { ...answer, outcome: "incompatible" as const } : answer;
    addAnswer(this.#row(this.#mirrorId).shadow, judged, this.#streamed);
  }
}
