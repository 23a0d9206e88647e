// Which notices a remark on an incident causes: that it was opened or has ended, that the public waits for a word, and that
// somebody has taken it on or has said it.

import { utcText } from "../freeze/civil-time.ts";
import type { Severity } from "../incident/severity.ts";
import {
  type Act,
  lastAct,
  type OpenedFacts,
  type PublicUpdate,
  type Remark,
} from "../status/remark.ts";
import type { StatusSettings } from "../status/settings.ts";
import type { Notice, Occasion, Urgency } from "./notice.ts";

const URGENCY: Readonly<Record<Severity, Urgency>> = {
  critical: "critical",
  major: "error",
  minor: "warning",
  none: "info",
};

type Clock = Pick<StatusSettings, "publishWithinMs" | "autoAfterMs">;

/** `earlier`: what was said of the incident before it, the oldest first. */
export function incidentNotices(
  remark: Remark,
  earlier: readonly Remark[],
  clock: Clock,
): readonly Notice[] {
  const opened = lastAct([...earlier, remark], "opened");
  if (opened === null) return [];
  const about: About = { remark, facts: opened.facts, clock };
  return [...acknowledgedBy(about, earlier), ...saidBy(about, remark.act)];
}

type About = {
  readonly remark: Remark;
  readonly facts: OpenedFacts;
  readonly clock: Clock;
};

/** The first act of a person, while the harm goes on. */
function acknowledgedBy(about: About, earlier: readonly Remark[]): readonly Notice[] {
  const { by, act } = about.remark;
  const isFirst = by !== null && earlier.every((one) => one.by === null);
  if (!isFirst || act.type === "opened" || lastAct(earlier, "mitigated") !== null) return [];
  const title = `${placeOf(about)}: ${by} has taken it on`;
  return [
    noticeOf(about, "acknowledged", { call: "acknowledge", urgency: "info", title, text: "" }),
  ];
}

function saidBy(about: About, act: Act): readonly Notice[] {
  const place = placeOf(about);
  switch (act.type) {
    case "opened": {
      const urgency = URGENCY[act.severity];
      const title = `${place}: an incident was opened, ${act.severity === "none" ? "no harm measured" : act.severity}`;
      const text = act.facts.because.text;
      return [noticeOf(about, "incident-opened", { call: "trigger", urgency, title, text })];
    }
    case "mitigated": {
      const title = `${place}: the harm has ended, ${act.severity === "none" ? "none was measured" : act.severity}`;
      const text = `It ended ${utcText(act.endedAtMs)}.`;
      return [
        noticeOf(about, "incident-mitigated", { call: "resolve", urgency: "info", title, text }),
      ];
    }
    case "drafted":
      return [postDue(about, act.severity)];
    case "posted":
      return [posted(about, act.update)];
    default:
      return [];
  }
}

function postDue(about: About, severity: Severity): Notice {
  const { incidentId } = about.remark;
  const { detectedAtMs } = about.facts;
  const { publishWithinMs, autoAfterMs } = about.clock;
  const title = `${placeOf(about)}: users felt it (${severity}), and a public post lies ready`;
  const text =
    `Post it with: slipway incident publish ${incidentId}. It is due by ${utcText(detectedAtMs + publishWithinMs)}; ` +
    `if nobody has posted by ${utcText(detectedAtMs + autoAfterMs)}, Slipway does.`;
  return {
    ...noticeOf(about, "post-due", { call: "trigger", urgency: "warning", title, text }),
    thread: `post-${incidentId}`,
  };
}

function posted(about: About, { status, text }: PublicUpdate): Notice {
  const { incidentId, by } = about.remark;
  const title = `${placeOf(about)}: posted in public, ${status}, by ${by ?? "Slipway itself"}`;
  const said = { call: "resolve" as const, urgency: "info" as const, title, text: text ?? "" };
  const notice = noticeOf(about, "posted", said);
  return { ...notice, thread: `post-${incidentId}`, facts: { ...notice.facts, status } };
}

function placeOf({ facts: { model, from, to } }: About): string {
  return `${model} ${from} → ${to}`;
}

function noticeOf(
  { remark, facts }: About,
  occasion: Occasion,
  said: Pick<Notice, "call" | "urgency" | "title" | "text">,
): Notice {
  const { incidentId: incident, sequence, atMs, by } = remark;
  const { model, from, to } = facts;
  return {
    ...said,
    id: `${incident}-${sequence}-${occasion}`,
    occasion,
    atMs,
    thread: `incident-${incident}`,
    model,
    facts: { model, incident, from, to, ...(by === null ? {} : { by }) },
  };
}
