// The timeline as people read it: pinned entries marked, annotations beneath, hidden ones counted, or shown where all is
// asked for.

import { type CuratedItem, counted, secondText } from "@slipway/core";
import { textColumns } from "../../text/text-columns.ts";

export function timelineText(items: readonly CuratedItem[], isAll: boolean): string {
  const shown = isAll ? items : items.filter(({ isHidden }) => !isHidden);
  const hidden = items.length - shown.length;
  const more =
    hidden === 0 ? "" : `${counted(hidden, "entry", "entries")} hidden: --all shows them\n`;
  return textColumns(shown.flatMap((item) => rowsOf(item, isAll))) + more;
}

function rowsOf(item: CuratedItem, isAll: boolean): readonly (readonly string[])[] {
  const { atMs, who, by, what, why, entry, isPinned, isHidden, annotations } = item;
  const state = isHidden ? " (hidden)" : isPinned ? " (pinned)" : "";
  const name = isAll ? [entry ?? ""] : [];
  return [
    [
      ...name,
      secondText(atMs).slice(-"00:00:00".length),
      by ?? who,
      `${what}${state}`,
      why.replace(/\s+/g, " "),
    ],
    ...annotations.map((note) => [
      ...name.map(() => ""),
      "",
      "",
      "",
      `↳ ${note.text.replace(/\s+/g, " ")} (${note.by ?? "slipway"})`,
    ]),
  ];
}
