// A gateway worker as the controller sees it: follows the newest table, and reports a second of drawn traffic in each
// frame. Its own work is small, so that what is measured is the controller's.
import {
  type EvidenceRow,
  emptyRow,
  type Random,
  rowKeyText,
  SLOTS,
  type Table,
} from "@slipway/core";
import type { Acknowledgement, Frame } from "@slipway/wire";
import { addRequest } from "../decide/drawn-rows.ts";

const USERS = 20_000;

export class Worker {
  readonly #name: string;
  readonly #requests: number;
  readonly #random: Random;
  #sequence = 0;

  /** `requests`: in each frame, over all models. */
  constructor(name: string, requests: number, random: Random) {
    this.#name = name;
    this.#requests = requests;
    this.#random = random;
  }

  frame(table: Table): Frame {
    this.#sequence++;
    return {
      member: { incarnation: `incarnation-${this.#name}`, gateway: this.#name, worker: 0 },
      sequence: this.#sequence,
      asOfMs: Date.now(),
      confirmedTable: table.number,
      storeId: table.storeId,
      candidateInFlight: {},
      candidateEndedAtMs: {},
      diverted: [],
      tripped: [],
      mirrored: [],
      rowsDropped: 0,
      rows: this.#rows(table),
      goodbye: false,
    };
  }

  #rows({ number, routes }: Table): readonly EvidenceRow[] {
    const rows = new Map<string, EvidenceRow>();
    const random = this.#random;
    for (let i = 0; i < this.#requests; i++) {
      const route = routes[Math.floor(random.next() * routes.length)];
      if (route === undefined || route.split === null) continue;
      const { rolloutId, candidateSlots } = route.split;
      const tick = Math.floor(Date.now() / route.evidence.tickMs);
      const arm = random.next() * SLOTS < candidateSlots ? "candidate" : "stable";
      const key = { rolloutId, table: number, tick, arm, via: "split", segment: "all" } as const;
      const row = rows.get(rowKeyText(key)) ?? emptyRow(key);
      rows.set(rowKeyText(key), row);
      addRequest(row, USERS, random);
    }
    return [...rows.values()];
  }
}

/** Sends one frame; the time is from sending it to having read the answer. */
export async function send(
  controller: string,
  frame: Frame,
): Promise<{ readonly acknowledgement: Acknowledgement; readonly tookMs: number }> {
  const body = JSON.stringify(frame);
  const headers = { "content-type": "application/json" };
  const sentMs = performance.now();
  const answer = await fetch(`${controller}/v1/link/frames`, { method: "POST", headers, body });
  const text = await answer.text();
  const tookMs = performance.now() - sentMs;
  if (answer.status !== 200) throw new Error(`a frame was refused: ${answer.status} ${text}`);
  return { acknowledgement: JSON.parse(text) as Acknowledgement, tookMs };
}
