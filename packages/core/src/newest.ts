// What was worked out of the objects that were looked at last. A tick's rows are looked at by many, one right after the
// other, and by nobody later: so few are kept that they go with their tick. A weak map would hold them, and whatever
// they hold, for as long as the garbage collector leaves old objects alone.

export class Newest<Key extends object, Value> {
  readonly #keys: Key[] = [];
  readonly #values: Value[] = [];
  readonly #max: number;
  #next = 0;

  /** `max`: so many are kept. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Of this very object, made where it is not known any more. */
  of(key: Key, make: () => Value): Value {
    const at = this.#keys.indexOf(key);
    const known = this.#values[at];
    if (known !== undefined) return known;
    const made = make();
    this.#keys[this.#next] = key;
    this.#values[this.#next] = made;
    this.#next = (this.#next + 1) % this.#max;
    return made;
  }
}
