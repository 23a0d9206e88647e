// Which upstream made which object (a stored answer, a file, a batch), learnt from answers as they pass. Bounded; what
// it has forgotten is searched for. Ids are passed on as upstreams gave them, so there is nothing else to tell by.

import type { Cancel, Clock } from "@slipway/core";
import { ownText } from "../own-text.ts";

/** Where an object lives, and whose it is. */
export type Home = {
  readonly model: string;
  readonly version: string;
  /** Id of the upstream within the version. */
  readonly upstream: string;
  /** The user it was made for, as assignment knows users; null where that is not known. */
  readonly key: string | null;
};

export type LearntObject = { readonly id: string; readonly home: Home };

/** Tells the other workers of this gateway. */
export type ShareObjects = (objects: readonly LearntObject[]) => void;

/** The least lately used are forgotten. */
const OBJECTS_MAX = 100_000;
const ID_LENGTH_MAX = 256;
/** A longer key is not kept: the user is then known by the object alone. */
const KEY_LENGTH_MAX = 128;
/** So many are told at once, at the latest after this time: a client may use an id on another connection soon. */
const SHARED_AT_ONCE_MAX = 256;
const SHARE_AFTER_MS = 1;

export class ObjectMemory {
  readonly #clock: Clock;
  readonly #share: ShareObjects | null;
  readonly #objectsMax: number;
  readonly #homes = new Map<string, Home>();
  #unshared: LearntObject[] = [];
  #timer: Cancel | null = null;

  constructor(clock: Clock, share: ShareObjects | null, objectsMax: number = OBJECTS_MAX) {
    this.#clock = clock;
    this.#share = share;
    this.#objectsMax = objectsMax;
  }

  get size(): number {
    return this.#homes.size;
  }

  /** Null when it is not known here. */
  home(id: string): Home | null {
    const home = this.#homes.get(id);
    if (home === undefined) return null;
    this.#keep(id, home);
    return home;
  }

  /** Seen in an answer that passed here. */
  learn(id: string, home: Home): void {
    if (id === "" || id.length > ID_LENGTH_MAX) return;
    const known = this.#homes.get(id);
    if (known !== undefined && isSame(known, home)) return;
    const isLong = home.key !== null && home.key.length > KEY_LENGTH_MAX;
    const kept = { ...home, key: home.key === null || isLong ? null : ownText(home.key) };
    this.#keep(id, kept);
    if (this.#share === null) return;
    this.#unshared.push({ id: ownText(id), home: kept });
    if (this.#unshared.length >= SHARED_AT_ONCE_MAX) this.#tell();
    else this.#timer ??= this.#clock.after(SHARE_AFTER_MS, () => this.#tell());
  }

  /** Told by another worker of this gateway. */
  hear(objects: readonly LearntObject[]): void {
    for (const { id, home } of objects) this.#keep(id, home);
  }

  #keep(id: string, home: Home): void {
    this.#homes.delete(id);
    this.#homes.set(ownText(id), home);
    if (this.#homes.size <= this.#objectsMax) return;
    const [oldest] = this.#homes.keys();
    if (oldest !== undefined) this.#homes.delete(oldest);
  }

  #tell(): void {
    this.#timer?.();
    this.#timer = null;
    const objects = this.#unshared;
    this.#unshared = [];
    this.#share?.(objects);
  }
}

function isSame(a: Home, b: Home): boolean {
  return a.upstream === b.upstream && a.version === b.version && a.model === b.model;
}
