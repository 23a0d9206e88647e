// What the controller does by itself for the public, beside its ticks: it sees incidents come and go, drafts, posts when
// nobody has, and has the page published. Rounds follow one another; what a crash interrupts the next round finds due.

import {
  type Cancel,
  counted,
  dueActs,
  type Incident,
  incidentKey,
  isUnfinished,
  type KnownIncident,
  OWN_ACTS_WITHIN_MS,
  pagesForHarm,
  type Remark,
  type RolloutEvent,
  type StatusPage,
  type Surroundings,
  statusPageOf,
} from "@slipway/core";
import type { IncidentActRequest, IncidentRemarksView, JournalEntry } from "@slipway/wire";
import type { ControllerPorts } from "../ports.ts";
import { type RecentIncidents, recentIncidents } from "../reading/recent-incidents.ts";
import type { Keeper } from "../world/keeper.ts";
import { appendRemarks, remarkOf } from "./incident-remarks.ts";
import { recordAct, remarksView } from "./people-acts.ts";

/** How often it looks whether there is something to do. */
const LOOK_EVERY_MS = 1_000;
/** How often incidents are read while one of them may still have something to say. */
const READ_EVERY_MS = 10_000;
/** The same, where nothing has happened for a while: evidence of hours takes long to read. */
const QUIET_AFTER_MS = 1_800_000;
const QUIET_READ_EVERY_MS = 60_000;
/** What could not be read is not read again at once: reading is dear. The page is published meanwhile. */
const READ_AGAIN_AFTER_MS = 10_000;
/** How often the page is published although nothing has changed: its readers see that the controller lives. */
const PUBLISH_EVERY_MS = 30_000;
/** Incidents whose remarks make the page. */
const SUBJECTS_MAX = 200;

export type Communicating = {
  /** One round: reads, says what is due, publishes. */
  readonly round: () => Promise<void>;
  /** The next look must not miss what this entry may have begun or ended. */
  readonly onEntry: (entry: JournalEntry) => void;
  readonly run: () => Cancel;
  /** Has the page published at the next look, whatever the time. */
  readonly republish: () => void;
  readonly page: () => Promise<StatusPage>;
  readonly act: (incident: Incident, request: IncidentActRequest) => Promise<IncidentRemarksView>;
  readonly remarks: (incident: Incident) => Promise<IncidentRemarksView>;
};

type Progress = {
  /** Something has happened that the next look must not miss. */
  isPoked: boolean;
  pokedAtMs: number;
  readAtMs: number;
  /** Not read before, since reading failed. */
  heldUntilMs: number;
  publishedAtMs: number;
  /** Null until the first reading: then those that the page shows as going on. */
  unfinished: readonly string[] | null;
  recoveriesMs: readonly number[];
  failures: number;
};

export function createCommunicating(keeper: Keeper, ports: ControllerPorts): Communicating {
  const progress: Progress = {
    isPoked: true,
    pokedAtMs: Number.NEGATIVE_INFINITY,
    readAtMs: Number.NEGATIVE_INFINITY,
    heldUntilMs: Number.NEGATIVE_INFINITY,
    publishedAtMs: Number.NEGATIVE_INFINITY,
    unfinished: null,
    recoveriesMs: [],
    failures: 0,
  };
  const around = (): Surroundings => surroundings(keeper, progress.recoveriesMs);
  const round = (): Promise<void> => oneRound(keeper, ports, progress);
  return {
    round,
    onEntry: ({ event }) => {
      if (!mayConcern(event)) return;
      progress.isPoked = true;
      progress.pokedAtMs = ports.clock.mono();
    },
    run: () => repeat(() => look(keeper, ports, progress), progress, ports),
    republish: () => {
      progress.publishedAtMs = Number.NEGATIVE_INFINITY;
    },
    page: () => pageNow(keeper, ports),
    act: async (incident, request) => {
      await recordAct(keeper, ports, { incident, request, around });
      progress.isPoked = true;
      progress.publishedAtMs = Number.NEGATIVE_INFINITY;
      return await remarksView(incident, ports, around());
    },
    remarks: (incident) => remarksView(incident, ports, around()),
  };
}

/** Whether an incident may have been opened or ended by it. While one is open it is looked at anyway. */
function mayConcern(event: RolloutEvent): boolean {
  if (event.type === "looked") {
    return pagesForHarm(event.because) || event.because.code.startsWith("would-");
  }
  return event.type === "moved" || event.type === "tripped" || event.type === "confirmed";
}

function surroundings(keeper: Keeper, recoveriesMs: readonly number[]): Surroundings {
  const { communications, models } = keeper.world();
  return {
    settings: communications.status,
    models: [...models.keys()].sort(),
    recoveriesMs,
    nowMs: keeper.nowMs(),
  };
}

/** A look is cheap: incidents are read when something happened, or while one of them may still move. */
async function look(keeper: Keeper, ports: ControllerPorts, progress: Progress): Promise<void> {
  const nowMs = ports.clock.mono();
  const isQuiet = nowMs - progress.pokedAtMs >= QUIET_AFTER_MS;
  const everyMs = isQuiet ? QUIET_READ_EVERY_MS : READ_EVERY_MS;
  const isOpen = progress.unfinished === null || progress.unfinished.length > 0;
  const mayMove = isOpen && nowMs - progress.readAtMs >= everyMs;
  if (nowMs >= progress.heldUntilMs && (progress.isPoked || mayMove)) {
    await oneRound(keeper, ports, progress);
  } else if (nowMs - progress.publishedAtMs >= PUBLISH_EVERY_MS) {
    await publish(keeper, ports, progress);
    if (!progress.isPoked) progress.failures = 0;
  }
}

/** What people have posted is published also where incidents cannot be read. */
async function oneRound(keeper: Keeper, ports: ControllerPorts, progress: Progress): Promise<void> {
  progress.isPoked = false;
  try {
    await sayAllDue(keeper, ports, progress);
  } catch (error) {
    progress.isPoked = true;
    progress.heldUntilMs = ports.clock.mono() + READ_AGAIN_AFTER_MS;
    throw error;
  } finally {
    await publish(keeper, ports, progress);
  }
  progress.failures = 0;
}

async function sayAllDue(
  keeper: Keeper,
  ports: ControllerPorts,
  progress: Progress,
): Promise<void> {
  const ids = progress.unfinished ?? (await goingOn(keeper, ports));
  const { incidents, recoveriesMs, unread } = await read(keeper, ports, ids);
  progress.recoveriesMs = recoveriesMs;
  const unfinished: string[] = [];
  for (const incident of incidents) {
    const remarks = await sayDue(keeper, ports, incident, recoveriesMs);
    if (isUnfinished(incident, remarks)) unfinished.push(incident.id);
  }
  const lost = new Set(unread.map(({ rolloutId }) => rolloutId));
  const kept = ids.filter((id) => lost.has(incidentKey(id)?.rolloutId ?? ""));
  progress.unfinished = [...new Set([...unfinished, ...kept])];
  progress.readAtMs = ports.clock.mono();
  const [first] = unread;
  if (first === undefined) return;
  throw new Error(
    `${counted(unread.length, "rollout")} cannot be read; ${first.rolloutId}: ${first.why}`,
  );
}

async function read(
  keeper: Keeper,
  { store, recentIncidents: readAside }: ControllerPorts,
  ids: readonly string[],
): Promise<RecentIncidents> {
  const ask = { sinceMs: keeper.nowMs() - OWN_ACTS_WITHIN_MS, ids };
  return await (readAside?.(ask) ?? recentIncidents(store, ask));
}

/** A controller that begins takes over what the page shows, however long ago it was opened. */
async function goingOn(keeper: Keeper, ports: ControllerPorts): Promise<readonly string[]> {
  const { incidents } = await pageNow(keeper, ports);
  return incidents.filter(({ status }) => status !== "resolved").map(({ id }) => id);
}

/** In a turn of its own: what a person posted a moment before counts. */
async function sayDue(
  keeper: Keeper,
  { store, digest }: ControllerPorts,
  incident: KnownIncident,
  recoveriesMs: readonly number[],
): Promise<readonly Remark[]> {
  return await keeper.lane.run(async () => {
    const stored = await store.remarks(incident.id);
    const around = surroundings(keeper, recoveriesMs);
    const acts = dueActs(incident, stored.map(remarkOf), around);
    if (acts.length === 0) return stored.map(remarkOf);
    const said = acts.map((act) => ({ by: null, reason: "", act }));
    const recording = { incidentId: incident.id, stored, nowMs: around.nowMs, said };
    await keeper.commit((draft) => appendRemarks(draft, recording, digest));
    return (await store.remarks(incident.id)).map(remarkOf);
  });
}

/** Where another controller has the lead its page is not written over, and nobody is told that this one is well. */
async function publish(keeper: Keeper, ports: ControllerPorts, progress: Progress): Promise<void> {
  await keeper.assertLeads();
  await ports.publish?.(await pageNow(keeper, ports), keeper.nowMs());
  progress.publishedAtMs = ports.clock.mono();
}

async function pageNow(keeper: Keeper, { store }: ControllerPorts): Promise<StatusPage> {
  const remarks = Map.groupBy(
    (await store.latestRemarks(SUBJECTS_MAX)).map(remarkOf),
    ({ incidentId }) => incidentId,
  );
  const { settings, models, nowMs } = surroundings(keeper, []);
  const { sinceMs, maintenances } = keeper.world().communications;
  return statusPageOf({ settings, sinceMs, models, remarks, maintenances, nowMs });
}

/**
 * The next look is set when one has ended, whatever came of it. Failures are logged at the 1st, 2nd, 4th, 8th, …
 * until a round has succeeded.
 */
function repeat(
  work: () => Promise<void>,
  progress: Progress,
  { clock, log }: ControllerPorts,
): Cancel {
  let isCancelled = false;
  let cancelNext: Cancel = () => {};
  const fire = (): void => {
    work()
      .catch((error: unknown) => {
        // Whoever stops closes the store under a round that is under way.
        if (isCancelled) return;
        progress.failures++;
        if ((progress.failures & (progress.failures - 1)) !== 0) return;
        const fields = { error: String(error), failures: progress.failures };
        log.error(fields, "the status page could not be brought up to date");
      })
      .finally(() => {
        if (!isCancelled) cancelNext = clock.after(LOOK_EVERY_MS, fire);
      });
  };
  cancelNext = clock.after(0, fire);
  return () => {
    isCancelled = true;
    cancelNext();
  };
}
