// Who is called when a version has changed under its name: a person must look, until one has taken its baseline anew.

import type { Notice } from "../notification/notice.ts";
import type { DriftWatch } from "./drift.ts";

/** What a look, or a new baseline, tells people; nothing where no alarm began or ended. */
export function driftNotices(
  model: string,
  before: DriftWatch | null,
  after: DriftWatch,
): readonly Notice[] {
  const where = `${model} ${after.version}`;
  const was = before?.alarm ?? null;
  if (was === null && after.alarm !== null) {
    const { atMs, because } = after.alarm;
    const notice = noticeOf(model, after, atMs);
    const text = `${because}. What gates found of it before counts no longer. Look: slipway drift show ${model}. Take what it is now as its baseline: slipway drift accept ${model} --version ${after.version} --reason TEXT.`;
    const title = `${where}: it has changed under its name`;
    return [
      { ...notice, occasion: "page-opened", call: "trigger", urgency: "critical", title, text },
    ];
  }
  if (was !== null && after.alarm === null) {
    const { atMs, by, reason } = after.baseline;
    const notice = noticeOf(model, after, atMs);
    const title = `${where}: ${by} took what it is now as its baseline`;
    return [
      {
        ...notice,
        ...{ occasion: "page-resolved", call: "resolve", urgency: "info", title, text: reason },
        facts: { model, by },
      },
    ];
  }
  return [];
}

/** Whoever was called has nothing to look at any more: the version has gone. */
export function driftGoneNotice(model: string, watch: DriftWatch, atMs: number): Notice | null {
  if (watch.alarm === null) return null;
  return {
    ...noticeOf(model, watch, atMs),
    ...{ occasion: "page-resolved", call: "resolve", urgency: "info" },
    title: `${model} ${watch.version}: it is served no longer`,
    text: "The version that had changed under its name is not in the configuration any more.",
  };
}

function noticeOf(
  model: string,
  { version, baseline }: DriftWatch,
  atMs: number,
): Pick<Notice, "id" | "atMs" | "thread" | "model" | "facts"> {
  const thread = `drift-${model}-${version}`;
  return { id: `${thread}-${baseline.number}-${atMs}`, atMs, thread, model, facts: { model } };
}
