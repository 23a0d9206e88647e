// A case of a lesson, asked several times: whether the candidate keeps it, where stable does. One bad answer may be chance;
// most of them are not.

/** Whether an answer was as it must be; null where nobody can say, as of a busy server. */
export type Trial = {
  readonly stable: boolean | null;
  readonly candidate: boolean | null;
  /** Why the candidate's was not, or why nobody can say. */
  readonly because: string;
};

/** Each case is asked that often. */
export const TRIALS = 3;

export type CaseFinding = { readonly holds: boolean | null; readonly because: string };

export function caseFinding(trials: readonly Trial[]): CaseFinding {
  const most = (is: (trial: Trial) => boolean): boolean =>
    trials.filter(is).length > trials.length / 2;
  const because = trials.find(({ candidate }) => candidate !== true)?.because ?? "";
  if (most(({ candidate }) => candidate === true)) return { holds: true, because: "" };
  if (!most(({ candidate }) => candidate === false)) return { holds: null, because };
  // What stable itself does not do says nothing of the candidate.
  return most(({ stable }) => stable === true)
    ? { holds: false, because }
    : { holds: null, because: `stable itself does not keep it; at the candidate: ${because}` };
}
