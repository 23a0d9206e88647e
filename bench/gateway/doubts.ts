// Samples that say nothing about a peer: counted, so that readers see how quiet the machine was, and taken again as
// long as there is a budget for it. What a sample showed plays no part: only why it cannot be trusted does.

export class Doubts {
  readonly #counts = new Map<string, number>();
  #repeatsLeft: number;

  constructor(repeatsMax: number) {
    this.#repeatsLeft = repeatsMax;
  }

  mayRepeat(): boolean {
    this.#repeatsLeft -= 1;
    return this.#repeatsLeft >= 0;
  }

  add(remark: string): void {
    this.#counts.set(remark, (this.#counts.get(remark) ?? 0) + 1);
  }

  remarks(): readonly string[] {
    return [...this.#counts].map(([remark, times]) =>
      times === 1 ? remark : `${remark} (${times} times)`,
    );
  }
}
