// The models that an operator sent back to stable on this gateway, whatever the table says.

export class Diverted {
  readonly #models = new Set<string>();

  set(model: string, on: boolean): void {
    if (on) this.#models.add(model);
    else this.#models.delete(model);
  }

  has(model: string): boolean {
    return this.#models.has(model);
  }

  list(): readonly string[] {
    return [...this.#models].sort();
  }
}
