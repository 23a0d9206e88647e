// Freezes as people read them: one a line.

import type { FreezeView } from "@slipway/wire";
import { momentText } from "../../text/rollout-text.ts";
import { textColumns } from "../../text/text-columns.ts";

const STATES: { readonly [state in FreezeView["state"]]: string } = {
  "in-effect": "frozen",
  "to-come": "to come",
  over: "over",
};

export function freezesText(views: readonly FreezeView[]): string {
  if (views.length === 0) return "nothing is frozen, and slipway.yaml declares no freeze\n";
  return textColumns([
    ["STATE", "MODEL", "NAME", "FROM", "UNTIL", "WHY"],
    ...views.map((view) => [
      STATES[view.state],
      view.model ?? "every model",
      view.name,
      view.sinceMs === null ? "-" : momentText(view.sinceMs),
      view.untilMs === null ? (view.by === null ? "-" : "it is ended") : momentText(view.untilMs),
      whyText(view),
    ]),
  ]);
}

function whyText({ reason, by, zone, ended }: FreezeView): string {
  const who = by ?? `slipway.yaml${zone === null ? "" : `, ${zone}`}`;
  const end = ended === null ? "" : `; ended: ${ended.reason} (${ended.by})`;
  return `${reason === "" ? "" : `${reason} `}(${who})${end}`;
}
