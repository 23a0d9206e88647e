// Scales of a chart: from a value to a place, and where to put the marks that people read values from.

export type Scale = {
  readonly place: (value: number) => number;
  readonly marks: readonly number[];
};

type Range = { readonly from: number; readonly to: number };

/** Round steps: 1, 2 or 5 of a power of ten. Values beyond the domain lie on its edge. */
export function linearScale(domain: Range, range: Range, marks: number): Scale {
  const span = domain.to - domain.from || 1;
  const step = roundStep(span / marks);
  const first = Math.ceil(domain.from / step);
  const count = Math.floor(domain.to / step + 1e-9) - first + 1;
  return {
    place: (value) => placed((clamped(value, domain) - domain.from) / span, range),
    marks: Array.from({ length: Math.max(0, count) }, (_, index) => (first + index) * step),
  };
}

/** For what spans orders of magnitude; the domain is above zero. */
export function logScale(domain: Range, range: Range): Scale {
  const [low, high] = [Math.log10(domain.from), Math.log10(domain.to)];
  const span = high - low || 1;
  const decades = Array.from(
    { length: Math.ceil(high) - Math.floor(low) + 1 },
    (_, index) => 10 ** (Math.floor(low) + index),
  );
  const all = decades.flatMap((decade) => (span > 2 ? [decade] : [1, 2, 5].map((n) => n * decade)));
  return {
    place: (value) => placed((Math.log10(clamped(value, domain)) - low) / span, range),
    marks: all.filter((mark) => mark >= domain.from * 0.999 && mark <= domain.to * 1.001),
  };
}

/** Steps of time that people count in. */
const TIME_STEPS_MS: readonly number[] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440].map(
  (minutes) => minutes * 60_000,
);

export function timeScale(untilMs: number, range: Range, marksMax: number): Scale {
  const step = TIME_STEPS_MS.find((one) => untilMs / one <= marksMax) ?? untilMs / marksMax;
  const marks = Array.from({ length: Math.floor(untilMs / step) + 1 }, (_, index) => index * step);
  return { place: (ms) => placed(ms / Math.max(1, untilMs), range), marks };
}

function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 5, 10].find((one) => one * power >= atLeast * 0.999) ?? 10;
  return factor * power;
}

function clamped(value: number, { from, to }: Range): number {
  return Math.min(to, Math.max(from, value));
}

function placed(share: number, { from, to }: Range): number {
  return from + share * (to - from);
}
