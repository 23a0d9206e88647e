// One bad replica: harm that gathers at one of the servers that carry the candidate, while the version itself is sound.

import { NEVER, type Octaves } from "../../evidence/pace.ts";
import { MISHAPS, type Mishap, type ReplicaCounts } from "../../evidence/row.ts";
import { percentText } from "../../quantity.ts";
import { type CauseGroup, concentrationOf, GROUP_HEAD, groupRows } from "./concentration.ts";
import type { CauseCounts } from "./counts.ts";
import { type CauseTest, OF_LABELS } from "./facts.ts";
import { tested, untested } from "./hypothesis.ts";
import { type HarmKind, usualRates } from "./reference.ts";

export const badReplica: CauseTest = ({ counts, harm }) => {
  if (harm.family === "labels") return untested("bad-replica", OF_LABELS);
  const kinds = harm.kinds.map(({ kind }) => kind);
  const groups = replicaGroups(counts, kinds);
  const found = concentrationOf(groups);
  if (found === null) {
    return untested(
      "bad-replica",
      "the candidate has one upstream: what is behind it is not told apart",
    );
  }
  const { group, share, traffic, fit } = found;
  return tested("bad-replica", {
    share,
    fit,
    text: `${percentText(share)} of the harm is at ${group.name}, one of ${groups.length} upstreams, with ${percentText(traffic)} of the requests`,
    data: { head: GROUP_HEAD, rows: groupRows(groups) },
  });
};

function replicaGroups(counts: CauseCounts, kinds: readonly HarmKind[]): readonly CauseGroup[] {
  const groups = new Map<string, { n: number; bad: number; expected: number }>();
  const rates = kinds.map((kind) => [kind, usualRates(counts, kind)] as const);
  for (const row of counts.during.candidate.values()) {
    const usual = rates.map(([kind, rateOf]) => [kind, rateOf(row.segment) ?? 0] as const);
    for (const [name, replica] of Object.entries(row.replicas)) {
      const group = groups.get(name) ?? { n: 0, bad: 0, expected: 0 };
      group.n += replica.counted;
      for (const [kind, rate] of usual) {
        group.bad += harmedAt(replica, kind, counts);
        group.expected += rate * replica.counted;
      }
      groups.set(name, group);
    }
  }
  return [...groups].map(([name, group]) => ({ name, ...group }));
}

function harmedAt(replica: ReplicaCounts, kind: HarmKind, { ask }: CauseCounts): number {
  const mishap = MISHAPS.find((one: Mishap) => one === kind);
  if (mishap !== undefined) return replica.mishaps[mishap] ?? 0;
  return slowIn(replica.pace[ask.time], ask.slowerThanMs);
}

/** Octaves that lie above the limit for the larger part: as many for every replica. */
function slowIn(octaves: Octaves, slowerThanMs: number | null): number {
  if (slowerThanMs === null) return 0;
  const from = Math.log2(slowerThanMs) + 0.5;
  return Object.entries(octaves)
    .filter(([octave]) => octave !== NEVER && Number(octave) >= from)
    .reduce((sum, [, count]) => sum + count, 0);
}
