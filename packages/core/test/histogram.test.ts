// The histogram against DataDog's own DDSketch, and its algebra.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DDSketch } from "@datadog/sketches-js";
import {
  binOf,
  countOf,
  createRandom,
  emptyHistogram,
  type Histogram,
  logNormal,
  mergeInto,
  quantile,
  RELATIVE_ACCURACY,
  record,
} from "@slipway/core";
import fc from "fast-check";

function histogramOf(values: readonly number[]): Histogram {
  const histogram = emptyHistogram();
  for (const value of values) record(histogram, value);
  return histogram;
}

test("quantiles agree with DDSketch within the accuracy of a bin", () => {
  const random = createRandom(7);
  const sketch = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
  const values = Array.from({ length: 20_000 }, () => logNormal(random, 200, 0.8));
  for (const value of values) sketch.accept(value);
  const histogram = histogramOf(values);
  for (const q of [0.01, 0.25, 0.5, 0.9, 0.99, 0.999]) {
    const ours = quantile(histogram, q) ?? Number.NaN;
    const theirs = sketch.getValueAtQuantile(q);
    assert.ok(Math.abs(ours / theirs - 1) < 1e-9, `q=${q}: ${ours} against ${theirs}`);
  }
});

test("a quantile is within the relative accuracy of the true value", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, q) => {
        const sorted = [...values].sort((a, b) => a - b);
        const truth = sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
        const told = quantile(histogramOf(values), q) ?? Number.NaN;
        assert.ok(Math.abs(told - truth) <= truth * RELATIVE_ACCURACY * 1.0001, `${told} ${truth}`);
      },
    ),
  );
});

test("twice a value lies exactly 35 bins higher", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1e6, noNaN: true }), (value) => {
      assert.equal(binOf(2 * value) - binOf(value), 35);
    }),
  );
});

test("merging is order-free and keeps every count", () => {
  const values = fc.array(fc.double({ min: 0.001, max: 1e7, noNaN: true }), { maxLength: 50 });
  fc.assert(
    fc.property(values, values, fc.nat(5), (a, b, over) => {
      const ab = histogramOf(a);
      ab.over = over;
      const ba = histogramOf(b);
      mergeInto(ab, histogramOf(b));
      mergeInto(ba, histogramOf(a));
      ba.over += over;
      assert.equal(countOf(ab), a.length + b.length + over);
      for (const q of [0, 0.3, 0.5, 0.99, 1]) assert.equal(quantile(ab, q), quantile(ba, q));
    }),
  );
});

test("requests that never finished lie above every limit", () => {
  const histogram = histogramOf([100, 100, 100]);
  histogram.over = 1;
  assert.equal(quantile(histogram, 1), Number.POSITIVE_INFINITY);
  assert.ok((quantile(histogram, 0.5) ?? 0) < 102);
});

test("an empty histogram has no quantile", () => {
  assert.equal(quantile(emptyHistogram(), 0.99), null);
});
