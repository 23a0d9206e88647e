// The notice of a rehearsal that failed: nobody watches those that a schedule runs.

import type { DrillRecord } from "../drill/drill.ts";
import type { Notice } from "./notice.ts";

export function drillNotice(model: string, { rollout, atMs, by, because }: DrillRecord): Notice {
  return {
    id: `${rollout}-drill-failed`,
    occasion: "drill-failed",
    atMs,
    thread: `drill-${rollout}`,
    call: null,
    urgency: "error",
    model,
    title: `${model}: a drill of the way back failed`,
    text: `${because}.`,
    facts: { model, rollout, by },
  };
}
