// Why an answer was not kept, and why a kept one has no score.

export type AnswerDrop = "busy" | "too-large" | "disk";

/** `late`: its rollout was over when the scores were known. */
export type ScoreDrop = "busy" | "failed" | "late" | "too-large";
