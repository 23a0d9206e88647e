// Keeps 200 streams open, one after the other in each of 200 places, and says how their chunks came:
// stream-load-main.ts ORDER. The first stream of each place warms this program up and is not timed.
import { Pool } from "undici";
import { nowNs } from "./monotonic.ts";
import { quantile } from "./quantile.ts";
import { bodyOf, type LoadOrder } from "./request.ts";
import { CHUNK_GAP_MS, CHUNKS, eventOf, sumWith } from "./stream-shape.ts";

export type StreamOrder = LoadOrder & {
  readonly places: number;
  readonly rounds: number;
};

/** Times in microseconds. */
export type StreamReport = {
  readonly streams: number;
  readonly chunks: number;
  readonly ttftP50Us: number;
  readonly ttftP99Us: number;
  readonly transitP50Us: number;
  readonly transitP99Us: number;
  readonly gapP50Us: number;
  readonly gapP99Us: number;
  readonly lost: number;
  readonly doubled: number;
  /** Streams whose bytes are not those that the upstream wrote. */
  readonly changed: number;
  readonly failed: number;
};

const order = JSON.parse(process.argv[2] ?? "{}") as StreamOrder;
const target = new URL(order.url);
const pool = new Pool(target.origin, { connections: order.places, bodyTimeout: 30_000 });
const headers = { "content-type": "application/json", ...order.headers };

const ttftNs: number[] = [];
const transitNs: number[] = [];
const gapNs: number[] = [];
const counts = { streams: 0, chunks: 0, lost: 0, doubled: 0, changed: 0, failed: 0 };

class Reading {
  readonly #isTimed: boolean;
  readonly #sentNs = nowNs();
  readonly #seen = new Set<number>();
  #rest = "";
  #lastNs = 0;
  #sum = 0;
  #sumWanted: number | null = null;

  constructor(isTimed: boolean) {
    this.#isTimed = isTimed;
  }

  data(bytes: Buffer): void {
    const atNs = nowNs();
    this.#rest += bytes.toString("latin1");
    let end = this.#rest.indexOf("\n\n");
    while (end >= 0) {
      this.#event(this.#rest.slice(0, end + 2), atNs);
      this.#rest = this.#rest.slice(end + 2);
      end = this.#rest.indexOf("\n\n");
    }
  }

  #event(text: string, atNs: number): void {
    const event = eventOf(text);
    if (event.kind === "sum") this.#sumWanted = event.sum;
    if (event.kind !== "chunk") return;
    counts.chunks += 1;
    this.#sum = sumWith(this.#sum, text);
    if (this.#seen.has(event.number)) counts.doubled += 1;
    this.#seen.add(event.number);
    if (this.#isTimed) {
      if (this.#lastNs === 0) ttftNs.push(atNs - this.#sentNs);
      else gapNs.push(atNs - this.#lastNs);
      transitNs.push(atNs - event.writtenNs);
    }
    this.#lastNs = atNs;
  }

  end(isWhole: boolean): void {
    counts.streams += 1;
    counts.lost += CHUNKS - this.#seen.size;
    if (!isWhole) counts.failed += 1;
    else if (this.#sum !== this.#sumWanted) counts.changed += 1;
  }
}

function stream(turn: number, isTimed: boolean): Promise<void> {
  return new Promise((resolve) => {
    const reading = new Reading(isTimed);
    let isGood = false;
    pool.dispatch(
      { path: target.pathname, method: "POST", headers, body: bodyOf(turn, true) },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_, status) => {
          isGood = status === 200;
        },
        onResponseData: (_, chunk) => reading.data(chunk),
        onResponseEnd: () => {
          reading.end(isGood);
          resolve();
        },
        onResponseError: () => {
          reading.end(false);
          resolve();
        },
      },
    );
  });
}

/** The places start spread over the time of a stream, so that chunks come evenly. */
async function place(index: number): Promise<void> {
  const startMs = (index * CHUNKS * CHUNK_GAP_MS) / order.places;
  await new Promise((resolve) => setTimeout(resolve, startMs));
  for (let round = 0; round <= order.rounds; round++) {
    await stream(index * 7 + round, round > 0);
  }
}

await Promise.all(Array.from({ length: order.places }, (_, index) => place(index)));
const micro = (values: readonly number[], share: number): number => quantile(values, share) / 1_000;
const report: StreamReport = {
  ...counts,
  ttftP50Us: micro(ttftNs, 0.5),
  ttftP99Us: micro(ttftNs, 0.99),
  transitP50Us: micro(transitNs, 0.5),
  transitP99Us: micro(transitNs, 0.99),
  gapP50Us: micro(gapNs, 0.5),
  gapP99Us: micro(gapNs, 0.99),
};
process.stdout.write(JSON.stringify(report));
await pool.destroy();
