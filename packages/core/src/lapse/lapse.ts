// A lapse: what a schedule asks for, and what does not happen. A look for drift that nobody can make finds nothing, and looks
// from afar as if nothing had changed; so each attempt that comes to nothing is kept, and after a while people are told.

export const CHECKS = ["drift", "drill"] as const;
export type Check = (typeof CHECKS)[number];

export type Lapse = {
  readonly check: Check;
  /** The version that would have been looked at; null for a drill, which is the model's. */
  readonly version: string | null;
  /** When it last worked; null for never. */
  readonly workedAtMs: number | null;
  /** The first attempt since that came to nothing, the last one, and how many there were. */
  readonly sinceMs: number;
  readonly lastAtMs: number;
  readonly attempts: number;
  /** Why the last one did. */
  readonly because: string;
  /** When people were told; null where they were not, yet. */
  readonly toldAtMs: number | null;
};

export type Checked = Pick<Lapse, "check" | "version">;
export type Miss = Checked & Pick<Lapse, "because" | "workedAtMs">;

/** One night on which a server is down is nobody's business in the morning: three attempts must have come to nothing, … */
const ATTEMPTS_MIN = 3;
/** … the first of them so long ago. It is the fourth of a daily schedule, whose days are some longer and some shorter than 24 h. */
const UNTOLD_MS_MAX = 60 * 3_600_000;

/** After one more attempt that came to nothing. */
export function afterMiss(before: Lapse | null, miss: Miss, nowMs: number): Lapse {
  const { check, version, because } = miss;
  const { workedAtMs, sinceMs } = before ?? { workedAtMs: miss.workedAtMs, sinceMs: nowMs };
  const attempts = (before?.attempts ?? 0) + 1;
  const isDue = attempts >= ATTEMPTS_MIN && nowMs - sinceMs >= UNTOLD_MS_MAX;
  const toldAtMs = before?.toldAtMs ?? (isDue ? nowMs : null);
  return {
    ...{ check, version, because, workedAtMs, sinceMs, attempts },
    ...{ lastAtMs: nowMs, toldAtMs },
  };
}

export function isOf({ check, version }: Lapse, checked: Checked): boolean {
  return check === checked.check && version === checked.version;
}
