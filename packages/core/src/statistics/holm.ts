// Chances of several tests, made larger so that the chance of any mistake among them stays what one test's would be.
//
// Source: Holm 1979, A simple sequentially rejective multiple test procedure.

/** In the order given; a test may be believed at level a when its adjusted chance is at most a. */
export function holmAdjusted(chances: readonly number[]): readonly number[] {
  const adjusted = new Array<number>(chances.length).fill(1);
  let least = 0;
  [...chances.keys()]
    .sort((a, b) => (chances[a] ?? 1) - (chances[b] ?? 1))
    .forEach((index, rank) => {
      least = Math.max(least, Math.min(1, (chances.length - rank) * (chances[index] ?? 1)));
      adjusted[index] = least;
    });
  return adjusted;
}
