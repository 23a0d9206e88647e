// The policy that a recorded rollout is tried under: the other one's stages and guards, over what gateways did by the
// recorded one, which no policy can change any more; and what follows from that for what can be known.

import { canonicalJson } from "../canonical-json.ts";
import type { Policy } from "../policy.ts";

export type TriedPolicy = {
  readonly policy: Policy;
  /** Whether it is the recorded one in every rule that decides. */
  readonly isOwn: boolean;
  /** What cannot be known, for the two policies differ in more than what decides. */
  readonly notes: readonly string[];
};

/** What was done by the recorded policy while requests were served and judged. */
const AS_RECORDED = [
  ["keys", "how users are told apart"],
  ["audience", "rings, exclusions and conversations"],
  ["replay", "replays to stable"],
  ["lease", "leases"],
  ["priority", "priorities"],
  ["deadlineMs", "the deadline of requests"],
  ["onRollback", "what becomes of open answers"],
] as const satisfies readonly (readonly [keyof Policy, string])[];

export function triedPolicy(recorded: Policy, other: Policy): TriedPolicy {
  const kept = Object.fromEntries(
    AS_RECORDED.flatMap(([key]) => (recorded[key] === undefined ? [] : [[key, recorded[key]]])),
  );
  const { mode: _, onRollback: __, ...rest } = other;
  const mode = recorded.mode === undefined ? {} : { mode: recorded.mode };
  const policy: Policy = {
    ...rest,
    ...kept,
    ...mode,
    evidence: recorded.evidence,
    answers: recorded.answers,
  };
  const isOwn = canonicalJson(policy) === canonicalJson(recorded);
  return {
    policy: isOwn ? recorded : { ...policy, stages: policy.stages.map(withoutApproval) },
    isOwn,
    notes: isOwn ? [] : notesOf(recorded, other),
  };
}

function withoutApproval({ approval: _, ...stage }: Policy["stages"][number]): typeof stage {
  return stage;
}

function notesOf(recorded: Policy, other: Policy): readonly string[] {
  const differ = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);
  const { evidence } = recorded;
  const asRecorded = AS_RECORDED.flatMap(([key, name]) =>
    differ(recorded[key], other[key]) ? [name] : [],
  );
  return [
    ...(asRecorded.length === 0
      ? []
      : [
          `requests were served by the recorded policy: ${asRecorded.join(", ")} stay as they were`,
        ]),
    ...(evidence.tickMs === other.evidence.tickMs
      ? []
      : ["evidence comes in ticks of the recorded length"]),
    ...(evidence.horizonMs === other.evidence.horizonMs
      ? []
      : ["requests were judged by the recorded horizon"]),
    ...(differ(evidence.segments, other.evidence.segments)
      ? ["traffic is told apart by the recorded segments"]
      : []),
    ...(other.stages.some(({ approval }) => approval !== undefined)
      ? ["approvals are taken as given at once"]
      : []),
  ];
}
