// One segment: harm that gathers in a language, a client's version, or another slice of the traffic. Where that slice had
// nobody on the candidate before it was all of a sudden there, it is who was missing from what the stages showed.

import { badOf, countedOf } from "../../evidence/row.ts";
import { percentText } from "../../quantity.ts";
import { addSlice, type Slices } from "../../segment.ts";
import {
  type CauseGroup,
  type Concentration,
  concentrationOf,
  GROUP_HEAD,
  groupRows,
} from "./concentration.ts";
import type { CauseCounts, Sums } from "./counts.ts";
import { type CauseFacts, type CauseTest, OF_LABELS } from "./facts.ts";
import { type Hypothesis, tested, untested } from "./hypothesis.ts";
import { excessIn, type HarmKind } from "./reference.ts";

type Place = Concentration & { readonly dimension: string; readonly groups: readonly CauseGroup[] };

export const segment: CauseTest = (facts) => {
  const found = placeOf(facts);
  if (typeof found === "string") return untested("segment", found);
  return hypothesis("segment", found, `${found.group.name} (${found.dimension})`);
};

/** Of what stable answers in the segment, so little was on the candidate before that nothing could be told. */
const MISSING_PART = 0.1;
const SEEN_MIN = 50;

export const whoIsMissing: CauseTest = (facts) => {
  const found = placeOf(facts);
  if (typeof found === "string") return untested("who-is-missing", found);
  const { past } = facts.counts;
  const { name } = found.group;
  const [own, usual] = [past.candidate, past.stable].map((sums) => partOf(sums, name));
  if (own === undefined || usual === undefined || own.all < SEEN_MIN || usual.n < SEEN_MIN) {
    return untested(
      "who-is-missing",
      "the candidate had too few requests before the harm to say who was missing",
    );
  }
  const [is, ought] = [own.n / own.all, usual.n / usual.all];
  const absent = is < MISSING_PART * ought;
  const text = `${name} (${found.dimension}), ${percentText(is)} of the candidate's requests until the harm began and ${percentText(ought)} of stable's`;
  const one = hypothesis("who-is-missing", found, text);
  return absent ? one : { ...one, score: 0, share: 0 };
};

function partOf(sums: Sums, name: string): { readonly n: number; readonly all: number } {
  let all = 0;
  for (const row of sums.values()) all += row.arrivals;
  return { n: sums.get(name)?.arrivals ?? 0, all };
}

function hypothesis(
  cause: "segment" | "who-is-missing",
  { share, traffic, fit, groups }: Place,
  who: string,
): Hypothesis {
  return tested(cause, {
    share,
    fit,
    text: `${percentText(share)} of the harm is in ${who}, with ${percentText(traffic)} of the requests`,
    data: { head: GROUP_HEAD, rows: groupRows(groups) },
  });
}

/** Of all dimensions the one in which harm gathers most. Why not, where nothing can be told apart. */
function placeOf({ counts, harm }: CauseFacts): Place | string {
  if (harm.family === "labels") return OF_LABELS;
  const kinds = harm.kinds.map(({ kind }) => kind);
  const { dimension } = counts.ask;
  const judged =
    dimension === null || dimension.isLength ? [] : [segmentGroups(counts, kinds, dimension.name)];
  const places = [...judged, ...sliceGroups(counts)].flatMap(
    ({ name, groups }): readonly Place[] => {
      const found = concentrationOf(groups, name === dimension?.name ? counts.ask.segment : null);
      return found === null ? [] : [{ ...found, dimension: name, groups }];
    },
  );
  const [best] = places.toSorted((a, b) => b.share * b.fit - a.share * a.fit);
  return best ?? "traffic is not told apart: evidence.segments has no dimension with two values";
}

type Groups = { readonly name: string; readonly groups: readonly CauseGroup[] };

export function segmentGroups(
  counts: CauseCounts,
  kinds: readonly HarmKind[],
  name: string,
): Groups {
  const groups = [...counts.during.candidate].map(([segmentName, row]): CauseGroup => {
    const sums = new Map([[segmentName, row]]);
    const all = kinds.map((kind) => excessIn(sums, counts, kind));
    return {
      name: segmentName,
      n: countedOf(row),
      bad: all.reduce((sum, { tested: { bad } }) => sum + bad, 0),
      expected: all.reduce((sum, { expected }) => sum + expected, 0),
    };
  });
  return { name, groups };
}

/** Further dimensions know of failures alone. */
function sliceGroups({ during }: CauseCounts): readonly Groups[] {
  const [own, usual] = [slicesIn(during.candidate), slicesIn(during.stable)];
  return Object.entries(own).map(([name, values]) => ({
    name,
    groups: Object.entries(values).map(([value, { arrivals, bad }]): CauseGroup => {
      const stable = usual[name]?.[value];
      const rate =
        stable === undefined || stable.arrivals === 0
          ? failureRate(during.stable)
          : stable.bad / stable.arrivals;
      return { name: value, n: arrivals, bad, expected: arrivals * rate };
    }),
  }));
}

function slicesIn(sums: Sums): Slices {
  const all: Slices = {};
  for (const { slices } of sums.values()) {
    for (const [dimension, values] of Object.entries(slices)) {
      for (const [value, added] of Object.entries(values)) addSlice(all, dimension, value, added);
    }
  }
  return all;
}

function failureRate(sums: Sums): number {
  let [n, bad] = [0, 0];
  for (const row of sums.values()) {
    n += countedOf(row);
    bad += badOf(row);
  }
  return n === 0 ? 0 : bad / n;
}
