// An incident's timeline with what people said of it: notes and posts in their places, entries pinned, hidden and
// annotated. Nothing is taken out: what is hidden says so, and whoever asks for all sees it.

import type { TimelineItem } from "../incident/timeline.ts";
import type { Act, Remark } from "./remark.ts";
import { hiddenEntries } from "./status-page.ts";

export type CuratedItem = TimelineItem & {
  /** What people name it by: `j12` of the journal, `r3` of the remarks; null where it is told from the ticks. */
  readonly entry: string | null;
  readonly isPinned: boolean;
  readonly isHidden: boolean;
  readonly annotations: readonly { readonly by: string | null; readonly text: string }[];
};

export function curatedTimeline(
  timeline: readonly TimelineItem[],
  remarks: readonly Remark[],
): readonly CuratedItem[] {
  const hidden = hiddenEntries(remarks);
  const pinned = new Set<string>();
  const annotations = new Map<string, CuratedItem["annotations"][number][]>();
  for (const { act, by } of remarks) {
    if (act.type === "marked" && act.mark === "pinned") pinned.add(act.entry);
    if (act.type === "marked" && act.mark === "unpinned") pinned.delete(act.entry);
    if (act.type !== "annotated") continue;
    annotations.set(act.entry, [...(annotations.get(act.entry) ?? []), { by, text: act.text }]);
  }
  const told = timeline.map((item) => ({
    ...item,
    entry: item.sequence === null ? null : `j${item.sequence}`,
  }));
  return [...told, ...remarks.flatMap(itemOf)]
    .map((item) => ({
      ...item,
      isPinned: item.entry !== null && pinned.has(item.entry),
      isHidden: item.entry !== null && hidden.has(item.entry),
      annotations: annotations.get(item.entry ?? "") ?? [],
    }))
    .sort((a, b) => a.atMs - b.atMs);
}

/** Acts on other entries are told there, and what Slipway knew of the incident is in the timeline already. */
function itemOf(remark: Remark): readonly (TimelineItem & { readonly entry: string })[] {
  const what = whatOf(remark.act);
  if (what === null) return [];
  const { sequence, atMs, by, reason, act } = remark;
  const item: TimelineItem = {
    atMs,
    sequence: null,
    who: by === null ? "slipway" : "operator",
    by,
    what,
    why: textOf(act) ?? reason,
  };
  return [{ ...item, entry: `r${sequence}` }];
}

function whatOf(act: Act): string | null {
  switch (act.type) {
    case "noted":
      return act.visibility === "public" ? "public note" : "note";
    case "drafted":
      return "post drafted";
    case "posted":
      return `posted: ${act.update.status}`;
    case "titled":
      return "public title";
    case "disclosed":
      return `cause told: ${act.cause}`;
    default:
      return null;
  }
}

function textOf(act: Act): string | null {
  switch (act.type) {
    case "noted":
      return act.text;
    case "drafted":
      return act.severity;
    case "titled":
      return act.title;
    case "posted":
      return act.update.text;
    default:
      return null;
  }
}
