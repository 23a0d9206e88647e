// Which notices an entry of a rollout's journal causes. What was told before is remembered from the journal itself, so that
// a controller that starts again tells nothing twice.

import type { Said } from "../freeze/freeze.ts";
import { saidOf } from "../rollout/controls.ts";
import type { Because, RolloutEvent } from "../rollout/event.ts";
import { eventText, placeText } from "../rollout/event-text.ts";
import type { Rollout } from "../rollout/rollout.ts";
import type { Call, Notice, Occasion, Urgency } from "./notice.ts";

/** What people know of a rollout by now. */
export type Told = {
  /** Codes of the pages that are open: of the last look, and of the last move. */
  readonly lookPage: string | null;
  readonly movePage: string | null;
  /** Who looks at those of them that somebody has taken, by code. */
  readonly taken: { readonly [code: string]: Said };
  /** What a person was asked for since it last moved: `approval`, `ask`, or what blocks it. */
  readonly asked: readonly string[];
};

export const NOTHING_TOLD: Told = {
  lookPage: null,
  movePage: null,
  taken: {},
  asked: [],
};

export function toldAfter(told: Told, event: RolloutEvent): Told {
  if (event.type === "looked") {
    const { because } = event;
    const lookPage = because.page === true ? because.code : null;
    const question = questionIn(because);
    const isNew = question !== null && !told.asked.includes(question);
    const asked = isNew ? [...told.asked, question] : told.asked;
    return withoutClosed({ ...told, lookPage, asked });
  }
  if (event.type === "moved") {
    const { because } = event.cause;
    return { ...NOTHING_TOLD, movePage: because.page === true ? because.code : null };
  }
  if (event.type === "acknowledged") {
    const taken = event.codes.map((code) => [code, saidOf(event)] as const);
    return { ...told, taken: { ...told.taken, ...Object.fromEntries(taken) } };
  }
  return told;
}

/** What a rollout that holds for this waits for a person with; null where it waits by itself, or calls somebody already. */
export function questionIn({ code, guard, page }: Because): string | null {
  if (page === true) return null;
  if (code === "approval" || code === "ask") return code;
  // Of a guard that merely has not passed yet no name is given: it holds by itself.
  if (code === "guard") return guard === undefined ? null : `guard ${guard}`;
  return code === "trend" ? code : null;
}

/** Whoever took a page that has closed since has to be asked again when it opens again. */
function withoutClosed(told: Told): Told {
  const open = openIn(told);
  const taken = Object.entries(told.taken).filter(([code]) => open.has(code));
  return { ...told, taken: Object.fromEntries(taken) };
}

type About = {
  readonly rollout: Rollout;
  readonly event: RolloutEvent;
};

/** `rollout`: as it is after the event, which has its last sequence. `told`: before it. */
export function rolloutNotices(about: About, told: Told): readonly Notice[] {
  return [...pageNotices(about, told), ...courseNotices(about, told)];
}

function pageNotices(about: About, told: Told): readonly Notice[] {
  const { rollout, event } = about;
  const before = openIn(told);
  const after = openIn(toldAfter(told, event));
  const opened = [...after].filter((code) => !before.has(code));
  const resolved = [...before].filter((code) => !after.has(code));
  const where = `${rollout.model} ${rollout.from} → ${rollout.to}`;
  const isOperators = "by" in event || (event.type === "moved" && event.cause.kind === "operator");
  const stays = isOperators ? [...before].filter((code) => after.has(code)) : [];
  return [
    ...opened.map((code) => {
      const title = `${where}: a person must look at it now (${code})`;
      return pageNotice(about, "page-opened", {
        code,
        call: "trigger",
        urgency: "critical",
        title,
      });
    }),
    ...stays.map((code) => {
      const title = `${where}: somebody is looking at it (${code})`;
      return pageNotice(about, "acknowledged", {
        code,
        call: "acknowledge",
        urgency: "info",
        title,
      });
    }),
    ...resolved.map((code) => {
      const title = `${where}: what needed a person is over (${code})`;
      return pageNotice(about, "page-resolved", { code, call: "resolve", urgency: "info", title });
    }),
  ];
}

function openIn({ lookPage, movePage }: Told): ReadonlySet<string> {
  return new Set([lookPage, movePage].filter((code) => code !== null));
}

type Page = Pick<Notice, "call" | "urgency" | "title"> & {
  readonly code: string;
  readonly call: Call;
};

function pageNotice(about: About, occasion: Occasion, { code, ...page }: Page): Notice {
  const { id } = about.rollout;
  return {
    ...noticeOf(about, occasion, page),
    id: idOf(about, `${occasion}-${code}`),
    thread: `page-${id}-${code}`,
  };
}

function courseNotices(about: About, { asked }: Told): readonly Notice[] {
  const { rollout, event } = about;
  const { model, from, to, policy } = rollout;
  const where = `${model} ${from} → ${to}`;
  const tell = (occasion: Occasion, urgency: Urgency, title: string): readonly Notice[] => [
    noticeOf(about, occasion, { call: null, urgency, title }),
  ];
  if (event.type === "started")
    return tell("rollout-started", "info", `${where}: a rollout started`);
  if (event.type === "looked") {
    const question = questionIn(event.because);
    if (question === null || asked.includes(question)) return [];
    return question === "approval"
      ? tell("approval-asked", "warning", `${where}: the next stage needs approval`)
      : tell("decision-asked", "warning", `${where}: whether it goes on is a person's to say`);
  }
  if (event.type !== "moved") return [];
  switch (event.move.kind) {
    case "advance":
      return tell("stage-began", "info", `${where}: ${placeText(event.move.stage, policy)} began`);
    case "bake":
      return tell("stage-began", "info", `${where}: bake began`);
    case "complete":
      return tell("rollout-completed", "info", `${where}: completed, ${to} is stable now`);
    case "step-back":
      return tell(
        "stepped-back",
        "warning",
        `${where}: stepped back to ${placeText(event.move.stage, policy)}`,
      );
    case "roll-back":
      return tell("rolled-back", "error", `${where}: rolled back, everybody returns to ${from}`);
    default:
      return [];
  }
}

function noticeOf(
  about: About,
  occasion: Occasion,
  said: Pick<Notice, "call" | "urgency" | "title">,
): Notice {
  const { rollout, event } = about;
  const { id, model, from, to, policy } = rollout;
  const by = byOf(event);
  const stage = event.type === "moved" && "stage" in event.move ? event.move.stage : null;
  return {
    ...said,
    id: idOf(about, occasion),
    occasion,
    atMs: event.atMs,
    thread: `rollout-${id}`,
    model,
    text: eventText(event, policy).why,
    facts: {
      ...{ model, rollout: id, from, to },
      ...(stage === null ? {} : { stage: placeText(stage, policy) }),
      ...(by === null ? {} : { by }),
    },
  };
}

function idOf({ rollout: { id, sequence } }: About, what: string): string {
  return `${id}-${sequence}-${what}`;
}

function byOf(event: RolloutEvent): string | null {
  if (event.type === "started") return event.rollout.startedBy;
  if (event.type === "moved" && event.cause.kind === "operator") return event.cause.by;
  return "by" in event ? event.by : null;
}
