// A request and its copies: what the user got, what the version that is mirrored to made of the same, and what stable made
// of it another time.

import type { MirrorRow } from "@slipway/core";
import { addAnswer, type MirrorAnswer } from "./mirror-ledger.ts";

export class Pair {
  readonly #row: (mirrorId: string) => MirrorRow;
  readonly #mirrorId: string;
  readonly #streamed: boolean;
  #primary: MirrorAnswer | null = null;
  /** Copies that were refused with a 4xx; whose fault that is, the user's answer has to show. */
  #undecided: (() => void)[] = [];

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
    for (const decide of undecided) decide();
  }

  /** A copy to the version that is mirrored to has ended. */
  shadow(answer: MirrorAnswer): void {
    this.#copy("shadow", answer);
  }

  /** The copy to stable has ended. */
  again(answer: MirrorAnswer): void {
    this.#copy("again", answer);
  }

  #copy(side: "shadow" | "again", answer: MirrorAnswer): void {
    const isRefused = answer.outcome === "client_error";
    if (isRefused && this.#primary === null) {
      this.#undecided.push(() => this.#copy(side, answer));
      return;
    }
    const isIncompatible = isRefused && this.#primary?.outcome === "ok";
    const judged = isIncompatible ? { ...answer, outcome: "incompatible" as const } : answer;
    addAnswer(this.#row(this.#mirrorId)[side], judged, this.#streamed);
  }
}
