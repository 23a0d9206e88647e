// How long answers took by octave, for each key bucket and each replica of one row: as `countPace` counts them, many at a
// time, in arrays that are used again from row to row.
import {
  BIN_MAX,
  BIN_MIN,
  KEY_BUCKETS,
  type Octaves,
  type OctavesByBucket,
  octaveOfBin,
} from "@slipway/core";
import { NONE } from "./answer-pool.ts";
import { NO_BUCKET } from "./crowd.ts";

const FIRST = Number(octaveOfBin(BIN_MIN));
const OCTAVES = Number(octaveOfBin(BIN_MAX)) - FIRST + 1;
/** As rows name them. */
const NAMES: readonly string[] = Array.from({ length: OCTAVES }, (_, place) =>
  String(FIRST + place),
);

export class PaceCounts {
  readonly #byBucket = new Int32Array(OCTAVES * KEY_BUCKETS);
  #byReplica = new Int32Array(0);
  #replicas = 0;
  #low = OCTAVES;
  #high = -1;

  /** Of a row whose arm has so many replicas. */
  begin(replicas: number): void {
    if (replicas === this.#replicas) return;
    this.#replicas = replicas;
    this.#byReplica = new Int32Array(OCTAVES * replicas);
  }

  /** One answer's. `octave`: none is not counted. */
  add(octave: number, bucket: number, replica: number): void {
    if (octave === NONE) return;
    const place = octave - FIRST;
    if (place < this.#low) this.#low = place;
    if (place > this.#high) this.#high = place;
    const served = place * this.#replicas + replica;
    this.#byReplica[served] = (this.#byReplica[served] ?? 0) + 1;
    if (bucket === NO_BUCKET) return;
    const own = place * KEY_BUCKETS + bucket;
    this.#byBucket[own] = (this.#byBucket[own] ?? 0) + 1;
  }

  /** Adds them to a row's, and begins anew. `ofReplica`: the row's octaves of one that has answered, by its name. */
  pourInto(
    byBucket: OctavesByBucket,
    replicas: readonly string[],
    ofReplica: (name: string) => Octaves | undefined,
  ): void {
    for (let place = this.#low; place <= this.#high; place++) this.#pourBuckets(byBucket, place);
    for (let replica = 0; replica < replicas.length; replica++) {
      const octaves = ofReplica(replicas[replica] ?? "");
      if (octaves !== undefined) this.#pourReplica(octaves, replica);
    }
    this.#low = OCTAVES;
    this.#high = -1;
  }

  /** A row's array is as long as the highest bucket that was seen. */
  #pourBuckets(target: OctavesByBucket, place: number): void {
    const all = this.#byBucket;
    const from = place * KEY_BUCKETS;
    let end = KEY_BUCKETS;
    while (end > 0 && all[from + end - 1] === 0) end--;
    if (end === 0) return;
    const name = NAMES[place] ?? "";
    const known = target[name] ?? [];
    const counts = new Array<number>(Math.max(end, known.length));
    for (let bucket = 0; bucket < counts.length; bucket++) {
      counts[bucket] = (known[bucket] ?? 0) + (all[from + bucket] ?? 0);
    }
    all.fill(0, from, from + KEY_BUCKETS);
    target[name] = counts;
  }

  #pourReplica(target: Octaves, replica: number): void {
    const all = this.#byReplica;
    for (let place = this.#low; place <= this.#high; place++) {
      const at = place * this.#replicas + replica;
      const added = all[at] ?? 0;
      if (added === 0) continue;
      all[at] = 0;
      const name = NAMES[place] ?? "";
      target[name] = (target[name] ?? 0) + added;
    }
  }
}
