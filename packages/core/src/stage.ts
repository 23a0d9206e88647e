// A stage of a rollout: how many users, for how long, and who must approve it.

/** Stages that an approval is needed for carry this. */
export type StageApproval = {
  /** So many different people. */
  readonly needed: number;
  /** Who may; empty for anybody. */
  readonly by: readonly string[];
};

/** Share of users on the candidate, with what must hold before the next stage. */
export type Stage = {
  /** In (0, 100], in percent of users. */
  readonly percent: number;
  /** At least so long, counted from when every gateway confirmed the stage. */
  readonly holdMs: number;
  /** At least so many judged requests of the candidate in this stage. */
  readonly minRequests: number;
  /** Whose approval is needed before it begins; nobody's where absent. */
  readonly approval?: StageApproval;
};
