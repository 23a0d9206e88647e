// Counters and histograms for the request path. prom-client's own look their series up anew, by all labels, for every
// value; here a series is found once and then counted in. prom-client still gathers and prints them.

import { Counter, type Metric, type Registry } from "prom-client";

/** What belongs to label values, found by one after the other. */
export class BySeries<T> {
  readonly #make: (values: readonly string[]) => T;
  readonly #root: Node<T> = { children: new Map(), leaf: undefined };

  constructor(make: (values: readonly string[]) => T) {
    this.#make = make;
  }

  at(values: readonly string[]): T {
    let node = this.#root;
    for (const value of values) {
      let next = node.children.get(value);
      if (next === undefined) {
        next = { children: new Map(), leaf: undefined };
        node.children.set(value, next);
      }
      node = next;
    }
    node.leaf ??= this.#make(values);
    return node.leaf;
  }
}

type Node<T> = { readonly children: Map<string, Node<T>>; leaf: T | undefined };

type Description = {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
};

type Labels = { readonly [label: string]: string };

function labelled(names: readonly string[], values: readonly string[]): Labels {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
}

/** A counter by labels. */
export class Tally {
  readonly #all: { readonly labels: Labels; count: number }[] = [];
  readonly #series = new BySeries((values) => {
    const one = { labels: labelled(this.#labelNames, values), count: 0 };
    this.#all.push(one);
    return one;
  });
  readonly #labelNames: readonly string[];

  constructor(registry: Registry, description: Description) {
    this.#labelNames = description.labelNames;
    const counter = new Counter({
      ...description,
      labelNames: [...description.labelNames],
      registers: [registry],
      collect: () => {
        counter.reset();
        for (const { labels, count } of this.#all) counter.inc(labels, count);
      },
    });
  }

  add(values: readonly string[], amount = 1): void {
    this.#series.at(values).count += amount;
  }
}

/** One series of a histogram. */
export class Buckets {
  readonly labels: Labels;
  readonly #bounds: readonly number[];
  /** By bound; what is above all of them is in the count alone. */
  readonly counts: number[];
  count = 0;
  sum = 0;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.count++;
    this.sum += value;
    const bounds = this.#bounds;
    for (let place = 0; place < bounds.length; place++) {
      if (value > (bounds[place] ?? 0)) continue;
      this.counts[place] = (this.counts[place] ?? 0) + 1;
      return;
    }
  }
}

type Value = {
  readonly labels: { readonly [label: string]: string | number };
  readonly value: number;
  readonly metricName: string;
};

/** A histogram by labels, in the form in which prom-client asks for one. */
export class BucketsBySeries {
  readonly name: string;
  readonly help: string;
  readonly type = "histogram";
  readonly aggregator = "sum";
  readonly #labelNames: readonly string[];
  readonly #bounds: readonly number[];
  readonly #all: Buckets[] = [];
  readonly #series = new BySeries((values) => {
    const one = new Buckets(labelled(this.#labelNames, values), this.#bounds);
    this.#all.push(one);
    return one;
  });

  constructor(registry: Registry, description: Description, bounds: readonly number[]) {
    this.name = description.name;
    this.help = description.help;
    this.#labelNames = description.labelNames;
    this.#bounds = bounds;
    registry.registerMetric(this as unknown as Metric);
  }

  at(values: readonly string[]): Buckets {
    return this.#series.at(values);
  }

  get(): Promise<object> {
    const { aggregator, help, name, type } = this;
    const values = this.#all
      .filter(({ count }) => count > 0)
      .flatMap((one) => valuesOf(name, one, this.#bounds));
    return Promise.resolve({ name, help, type, aggregator, values });
  }
}

function valuesOf(name: string, one: Buckets, bounds: readonly number[]): readonly Value[] {
  const { count, counts, labels, sum } = one;
  let below = 0;
  const buckets = bounds.map((le, index) => {
    below += counts[index] ?? 0;
    return { labels: { le, ...labels }, value: below, metricName: `${name}_bucket` };
  });
  return [
    ...buckets,
    { labels: { le: "+Inf", ...labels }, value: count, metricName: `${name}_bucket` },
    { labels, value: sum, metricName: `${name}_sum` },
    { labels, value: count, metricName: `${name}_count` },
  ];
}
