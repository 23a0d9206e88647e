// Whether a process's memory grows. What it holds depends on what is open just then: only its low points say what is kept. Of
// each of a number of equal windows the lowest sample counts, and through those goes the line of Theil and Sen: the median
// of the slopes of all pairs, which a burst here and there does not bend.

export type Sample = { readonly atMs: number; readonly value: number };

/** Fewer would make pairs too few for a median to mean much. */
const WINDOWS = 12;

export type Flatness = {
  /** Of the low points: their median, and what the line gains from the first to the last of them. */
  readonly medianMiB: number;
  readonly growthMiB: number;
  readonly boundMiB: number;
  readonly isFlat: boolean;
};

/** So much more or less of it is nothing: the larger of the two. */
export type Slack = { readonly freeMiB: number; readonly share: number };

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
}

function lowPoints(samples: readonly Sample[]): readonly Sample[] {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return [];
  const windowMs = (last.atMs - first.atMs + 1) / WINDOWS;
  const lows = new Map<number, Sample>();
  for (const sample of samples) {
    const window = Math.floor((sample.atMs - first.atMs) / windowMs);
    const known = lows.get(window);
    if (known === undefined || sample.value < known.value) lows.set(window, sample);
  }
  return [...lows.values()];
}

/** Null when there is too little to say: not every window has a sample. */
export function flatnessOf(samples: readonly Sample[], { freeMiB, share }: Slack): Flatness | null {
  const lows = lowPoints(samples);
  const [first] = lows;
  const last = lows.at(-1);
  if (lows.length < WINDOWS || first === undefined || last === undefined) return null;
  const slopes = lows.flatMap((a, i) =>
    lows.slice(i + 1).map((b) => (b.value - a.value) / (b.atMs - a.atMs)),
  );
  const medianMiB = median(lows.map(({ value }) => value));
  const growthMiB = median(slopes) * (last.atMs - first.atMs);
  const boundMiB = Math.max(freeMiB, share * medianMiB);
  return { medianMiB, growthMiB, boundMiB, isFlat: growthMiB <= boundMiB };
}
