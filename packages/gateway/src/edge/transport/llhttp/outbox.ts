// What is to leave for clients at the end of a turn of the event loop, all of it one after the other: under load a write
// among other writes costs the system half of what one between two requests does.

/** Fewer answers in a turn than this, and each leaves at once: nothing is to be gained by waiting. */
const ANSWERS_MIN = 4;
/** So many leave as soon as they are together, so that the first does not wait for a long turn. */
const ANSWERS_MAX = 16;

export type Outgoing = { readonly leave: () => void };

export class Outbox {
  #waiting: Outgoing[] = [];
  /** In this turn, and in the one before in which there were any. */
  #answers = 0;
  #answersBefore = 0;
  #isTurnOpen = false;

  /** True: it leaves at the end of the turn. False: it is to leave now. */
  takes(outgoing: Outgoing): boolean {
    this.#answers++;
    if (!this.#isTurnOpen) {
      this.#isTurnOpen = true;
      setImmediate(endTurn, this);
    }
    if (this.#answersBefore < ANSWERS_MIN) return false;
    this.#waiting.push(outgoing);
    if (this.#waiting.length === ANSWERS_MAX) process.nextTick(sendAll, this);
    return true;
  }

  sendAll(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const outgoing of waiting) outgoing.leave();
  }

  endTurn(): void {
    this.#isTurnOpen = false;
    this.#answersBefore = this.#answers;
    this.#answers = 0;
    this.sendAll();
  }
}

function sendAll(outbox: Outbox): void {
  outbox.sendAll();
}

function endTurn(outbox: Outbox): void {
  outbox.endTurn();
}
