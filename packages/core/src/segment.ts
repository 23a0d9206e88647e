// By what a model's traffic is told apart: dimensions, each with a value for every request.

/** What a gateway can find out by itself. */
export const DETECTED = ["language", "surface", "client", "input-length"] as const;
export type Detected = (typeof DETECTED)[number];

/** The value comes from the first of these that has one: the header, the field, what is detected. */
export type Dimension = {
  /** Unique within the policy. */
  readonly name: string;
  /** Lower case; null for none. */
  readonly header: string | null;
  /** Path to a text in the body, as its names from the outside; null for none. */
  readonly field: readonly string[] | null;
  readonly detect: Detected | null;
};

/** A dimension that is counted beside the judged one: requests and failures by value. */
export type Slices = {
  [dimension: string]: { [value: string]: { arrivals: number; bad: number } };
};

/** More different values of a dimension than this are counted together. */
export const SLICE_VALUES_MAX = 50;
const OTHER_VALUE = "other";

export function addSlice(
  slices: Slices,
  dimension: string,
  value: string,
  added: { readonly arrivals: number; readonly bad: number },
): void {
  const values = Object.hasOwn(slices, dimension) ? (slices[dimension] ?? {}) : {};
  slices[dimension] = values;
  const counts = countsOf(values, value);
  counts.arrivals += added.arrivals;
  counts.bad += added.bad;
}

type SliceCounts = { arrivals: number; bad: number };

function countsOf(values: { [value: string]: SliceCounts }, value: string): SliceCounts {
  const known = Object.hasOwn(values, value) ? values[value] : undefined;
  if (known !== undefined) return known;
  if (value !== OTHER_VALUE && Object.keys(values).length >= SLICE_VALUES_MAX) {
    return countsOf(values, OTHER_VALUE);
  }
  const counts: SliceCounts = { arrivals: 0, bad: 0 };
  values[value] = counts;
  return counts;
}

/** Another object with the same counts. */
export function copyOfSlices(slices: Slices): Slices {
  const copy: Slices = {};
  for (const [dimension, values] of Object.entries(slices)) {
    const own: Slices[string] = {};
    for (const [value, { arrivals, bad }] of Object.entries(values)) own[value] = { arrivals, bad };
    copy[dimension] = own;
  }
  return copy;
}

/** Adds `source` to `target`. */
export function mergeSlicesInto(target: Slices, source: Slices): void {
  for (const dimension of Object.keys(source).sort()) {
    const values = source[dimension] ?? {};
    for (const value of Object.keys(values).sort()) {
      addSlice(target, dimension, value, values[value] ?? { arrivals: 0, bad: 0 });
    }
  }
}
