// Numbers as people read them in reasons and verdicts. One place, so that every surface says the same.

/** 0.0213 → "2.13%". */
export function percentText(share: number): string {
  return `${trimmed(share * 100)}%`;
}

/** Smaller ones are as good as nothing, and are not. */
const CHANCE_TOLD_MIN = 1e-4;

/** 0.031 → "3.1%"; 0.00000002 → "below 0.01%". */
export function chanceText(chance: number): string {
  return chance < CHANCE_TOLD_MIN ? `below ${percentText(CHANCE_TOLD_MIN)}` : percentText(chance);
}

/** 812.4 → "812 ms"; 2400 → "2.4 s"; 90000 → "1.5 min"; 7200000 → "2 h". */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) return "beyond the horizon";
  if (ms < 10) return `${trimmed(ms)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${trimmed(ms / 1000)} s`;
  if (ms < 3_600_000) return `${trimmed(ms / 60_000)} min`;
  return `${trimmed(ms / 3_600_000)} h`;
}

/** 1234.5 → "1235"; 12.34 → "12.3". */
export function tokensText(count: number): string {
  return trimmed(count);
}

/** 0.01234 → "$0.0123"; 12.5 → "$12.5". */
export function moneyText(dollars: number): string {
  if (dollars === 0 || Math.abs(dollars) >= 1) return `$${trimmed(dollars)}`;
  return `$${Number(dollars.toPrecision(3))}`;
}

/** 2.413 → "2.41x". */
export function ratioText(ratio: number): string {
  return Number.isFinite(ratio) ? `${trimmed(ratio)}x` : "unbounded";
}

/** An e-value from its natural log: log 182.3 → "182"; log 0.034 → "0.03"; log 10^9 → "10^9". */
export function evidenceText(logE: number): string {
  const tens = logE / Math.LN10;
  if (tens >= 6) return `10^${Math.floor(tens)}`;
  const value = Math.exp(logE);
  return value >= 10 ? String(Math.round(value)) : trimmed(value);
}

/** 1234, "request" → "1,234 requests". */
export function counted(n: number, noun: string, plural: string = `${noun}s`): string {
  return `${n.toLocaleString("en-US")} ${n === 1 ? noun : plural}`;
}

/** Three digits or so: two decimals below ten, one below a hundred, none above; none that are zero. */
function trimmed(value: number): string {
  const size = Math.abs(value);
  const unit = size < 10 ? 100 : size < 100 ? 10 : 1;
  return String(Math.round(value * unit) / unit);
}
