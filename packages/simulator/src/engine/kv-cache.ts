// The key-value memory of one replica, in blocks. A block is private to a sequence, shared under the key of
// the prompt prefix it ends, or idle: still holding a prefix that nobody uses, until its memory is needed.

type SharedBlock = { users: number };

export class KvCache {
  readonly blocksMax: number;
  readonly #shared = new Map<number, SharedBlock>();
  // Idle keys in the order they will be given up. A Map keeps insertion order and forgets in O(1).
  readonly #idle = new Set<number>();
  #private = 0;

  constructor(blocksMax: number) {
    this.blocksMax = blocksMax;
  }

  /** Blocks that sequences hold now. */
  get held(): number {
    return this.#private + this.#shared.size - this.#idle.size;
  }

  /** Blocks that hold anything, idle prefixes included. */
  get filled(): number {
    return this.#private + this.#shared.size;
  }

  /** Claims private blocks, giving up idle prefixes as needed; false, and nothing changes, if there is no room. */
  claim(blocks: number): boolean {
    if (blocks > this.blocksMax - this.held) return false;
    let short = this.filled + blocks - this.blocksMax;
    for (const key of this.#idle) {
      if (short <= 0) break;
      this.#idle.delete(key);
      this.#shared.delete(key);
      short--;
    }
    this.#private += blocks;
    return true;
  }

  /** Takes up the cached blocks that the prompt starts with, at most `blocksMax`; how many there were. */
  reuse(keys: readonly number[], blocksMax: number): number {
    const limit = Math.min(keys.length, blocksMax);
    let hits = 0;
    while (hits < limit && this.#shared.has(keys[hits] ?? 0)) hits++;
    for (let i = 0; i < hits; i++) {
      const key = keys[i] ?? 0;
      const block = this.#shared.get(key);
      if (block === undefined) continue;
      if (block.users++ === 0) this.#idle.delete(key);
    }
    return hits;
  }

  /** Turns a private block into a shared one; false if the same prefix is cached already: it stays private. */
  publish(key: number): boolean {
    if (this.#shared.has(key)) return false;
    this.#shared.set(key, { users: 1 });
    this.#private--;
    return true;
  }

  /** Gives back a sequence's blocks. Shared ones stay as idle prefixes, the ends to be forgotten first. */
  release(privateBlocks: number, sharedKeys: readonly number[]): void {
    this.#private -= privateBlocks;
    for (let i = sharedKeys.length - 1; i >= 0; i--) {
      const key = sharedKeys[i] ?? 0;
      const block = this.#shared.get(key);
      if (block === undefined) continue;
      if (--block.users === 0) this.#idle.add(key);
    }
  }

  /** Forgets idle prefixes, as a restart does. */
  clear(): void {
    for (const key of this.#idle) this.#shared.delete(key);
    this.#idle.clear();
  }
}
