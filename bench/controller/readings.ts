// What the controller says of itself at /metrics, and what two readings of it amount to.

type Bucket = { readonly upTo: number; readonly count: number };

export type Reading = {
  readonly atMs: number;
  readonly cpuSeconds: number;
  readonly frames: number;
  readonly ticks: number;
  readonly lateRequests: number;
  readonly turns: readonly Bucket[];
  readonly commits: readonly Bucket[];
};

export async function readController(controller: string): Promise<Reading> {
  const text = await (await fetch(`${controller}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const sum = (series: string): number =>
    lines
      .filter((line) => line.startsWith(`${series} `) || line.startsWith(`${series}{`))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(" "))), 0);
  return {
    atMs: performance.now(),
    cpuSeconds: sum("slipway_controller_cpu_seconds_total"),
    frames: sum('slipway_frames_total{outcome="accepted"}'),
    ticks: sum("slipway_ticks_matured_total"),
    lateRequests: sum("slipway_late_requests"),
    turns: bucketsOf(lines, "slipway_turn_seconds"),
    commits: bucketsOf(lines, "slipway_commit_seconds"),
  };
}

function bucketsOf(lines: readonly string[], name: string): readonly Bucket[] {
  return lines.flatMap((line) => {
    const found = /^(\w+)_bucket\{le="([^"]+)"\} (\d+)$/.exec(line);
    if (found?.[1] !== name) return [];
    const upTo = found[2] === "+Inf" ? Number.POSITIVE_INFINITY : Number(found[2]);
    return [{ upTo, count: Number(found[3]) }];
  });
}

/** In milliseconds: the upper end of the bucket that holds the quantile; null for none, or beyond the last bucket. */
export function quantileMs(
  q: number,
  before: readonly Bucket[],
  after: readonly Bucket[],
): number | null {
  const counts = after.map(({ upTo, count }, index) => ({
    upTo,
    count: count - (before[index]?.count ?? 0),
  }));
  const all = counts.at(-1)?.count ?? 0;
  const found = counts.find(({ count }) => all > 0 && count >= q * all);
  return found === undefined || !Number.isFinite(found.upTo) ? null : found.upTo * 1_000;
}
