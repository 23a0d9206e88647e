// A store in memory, for virtual time. Hooks let a test or a simulated world delay a commit, fail it before
// anything happened, or fail it after everything was stored: the outcome a real database can leave open.

import { deposed, outOfSequence } from "./refusal.ts";
import type {
  Change,
  Snapshot,
  Store,
  StoredCheckpoint,
  StoredEntry,
  StoredMember,
  StoredModel,
  StoredNotification,
  StoredPreflights,
  StoredRemark,
  StoredRollout,
  StoredRow,
  StoredSetting,
  StoredTable,
  StoredTick,
} from "./store.ts";

export type MemoryStoreHooks = {
  /** Awaited before a commit; a rejection means that nothing was stored. */
  readonly beforeCommit?: (changes: readonly Change[]) => Promise<void> | void;
  /** Awaited after a commit; a rejection means that everything was stored and the caller cannot know. */
  readonly afterCommit?: (changes: readonly Change[]) => Promise<void> | void;
};

type Content = {
  fence: number;
  table: StoredTable | null;
  freezes: string | null;
  readonly preflights: Map<string, StoredPreflights>;
  readonly models: Map<string, StoredModel>;
  readonly rollouts: Map<string, StoredRollout>;
  readonly entries: Map<string, StoredEntry[]>;
  readonly ticks: Map<string, StoredTick[]>;
  readonly checkpoints: Map<string, StoredCheckpoint>;
  readonly rows: Map<string, StoredRow>;
  readonly members: Map<string, StoredMember>;
  readonly settings: Map<string, StoredSetting>;
  readonly remarks: Map<string, StoredRemark[]>;
  readonly notifications: Map<number, StoredNotification>;
};

export function createMemoryStore(storeId: string, hooks: MemoryStoreHooks = {}): Store {
  const content: Content = {
    fence: 0,
    table: null,
    freezes: null,
    preflights: new Map(),
    models: new Map(),
    rollouts: new Map(),
    entries: new Map(),
    ticks: new Map(),
    checkpoints: new Map(),
    rows: new Map(),
    members: new Map(),
    settings: new Map(),
    remarks: new Map(),
    notifications: new Map(),
  };
  return {
    open: () => Promise.resolve(opened(content, storeId)),
    commit: async (fence, changes) => {
      await hooks.beforeCommit?.(changes);
      if (fence !== content.fence) throw deposed();
      for (const change of changes) check(content, change, changes);
      for (const change of changes) put(content, change);
      await hooks.afterCommit?.(changes);
    },
    close: () => Promise.resolve(),
    rollouts: (model, limit) =>
      Promise.resolve(
        [...content.rollouts.values()]
          .filter((rollout) => model === null || rollout.model === model)
          .sort(newestFirst)
          .slice(0, limit),
      ),
    rollout: (id) => Promise.resolve(content.rollouts.get(id) ?? null),
    entries: (id, above, limit) =>
      Promise.resolve(
        (content.entries.get(id) ?? []).filter((e) => e.sequence > above).slice(0, limit),
      ),
    ticks: (id, above, limit) =>
      Promise.resolve((content.ticks.get(id) ?? []).filter((t) => t.tick > above).slice(0, limit)),
    checkpoint: (id) => Promise.resolve(content.checkpoints.get(id) ?? null),
    remarks: (subject) => Promise.resolve([...(content.remarks.get(subject) ?? [])]),
    latestRemarks: (subjectsMax) => Promise.resolve(latestRemarks(content, subjectsMax)),
    notifications: (limit) => Promise.resolve(numbered(content).toReversed().slice(0, limit)),
    notification: (number) => Promise.resolve(content.notifications.get(number) ?? null),
  };
}

function opened(content: Content, storeId: string): Snapshot {
  content.fence++;
  return {
    fence: content.fence,
    storeId,
    table: content.table,
    models: [...content.models.values()],
    freezes: content.freezes,
    preflights: [...content.preflights.values()],
    settings: [...content.settings.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    notifications: {
      pending: numbered(content).filter(({ isPending }) => isPending),
      last: numbered(content).at(-1)?.number ?? 0,
    },
    openRollouts: [...content.rollouts.values()].filter(({ open }) => open),
    rows: [...content.rows.values()],
    members: [...content.members.values()],
  };
}

function numbered({ notifications }: Content): readonly StoredNotification[] {
  return [...notifications.values()].sort((a, b) => a.number - b.number);
}

function latestRemarks({ remarks }: Content, subjectsMax: number): readonly StoredRemark[] {
  const lastMs = (own: readonly StoredRemark[]): number => Math.max(...own.map(({ atMs }) => atMs));
  return [...remarks]
    .sort(([a, one], [b, other]) => lastMs(other) - lastMs(one) || (a < b ? -1 : 1))
    .slice(0, subjectsMax)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, own]) => own);
}

function newestFirst(a: StoredRollout, b: StoredRollout): number {
  return b.startedAtMs - a.startedAtMs || (a.id < b.id ? 1 : -1);
}

/** Every check before any change: a commit is all or nothing. */
function check(content: Content, change: Change, all: readonly Change[]): void {
  if (change.kind === "put-table" && change.number <= (content.table?.number ?? 0)) {
    throw outOfSequence(`table ${change.number}`);
  }
  if (change.kind === "append") {
    const earlier = all.slice(0, all.indexOf(change)).filter((c) => isAppendTo(c, change));
    const last = content.entries.get(change.rolloutId)?.length ?? 0;
    if (change.sequence !== last + earlier.length + 1) {
      throw outOfSequence(`entry ${change.sequence} of rollout ${change.rolloutId}`);
    }
  }
  if (change.kind === "remark") {
    const { subject, sequence } = change;
    const before = all.slice(0, all.indexOf(change));
    const own = before.filter((c) => c.kind === "remark" && c.subject === subject).length;
    if (sequence !== (content.remarks.get(subject)?.length ?? 0) + own + 1) {
      throw outOfSequence(`remark ${sequence} of ${subject}`);
    }
  }
  if (change.kind === "consume") {
    const stored = content.ticks.get(change.rolloutId) ?? [];
    if (stored.some(({ tick }) => tick >= change.tick)) {
      throw outOfSequence(`tick ${change.tick} of rollout ${change.rolloutId}`);
    }
  }
}

function isAppendTo(change: Change, other: StoredEntry): boolean {
  return change.kind === "append" && change.rolloutId === other.rolloutId;
}

function rowId(row: { rolloutId: string; tick: number; key: string }): string {
  return `${row.rolloutId}\n${row.tick}\n${row.key}`;
}

function put(content: Content, change: Change): void {
  switch (change.kind) {
    case "put-model":
      content.models.set(change.name, { name: change.name, text: change.text });
      return;
    case "delete-model":
      content.models.delete(change.name);
      content.preflights.delete(change.name);
      return;
    case "put-preflights":
      content.preflights.set(change.model, { model: change.model, text: change.text });
      return;
    case "put-freezes":
      content.freezes = change.text;
      return;
    case "put-table":
      content.table = { number: change.number, text: change.text };
      return;
    case "put-rollout": {
      const { kind: _, ...rollout } = change;
      content.rollouts.set(change.id, rollout);
      return;
    }
    case "put-setting":
      content.settings.set(change.name, { name: change.name, text: change.text });
      return;
    case "remark": {
      const { kind: _, ...remark } = change;
      pushTo(content.remarks, change.subject, remark);
      return;
    }
    case "put-notification": {
      const { kind: _, ...notification } = change;
      content.notifications.set(change.number, notification);
      return;
    }
    case "trim-notifications":
      trim(content, change.kept);
      return;
    case "put-member":
      content.members.set(change.incarnation, {
        incarnation: change.incarnation,
        text: change.text,
      });
      return;
    case "delete-member":
      content.members.delete(change.incarnation);
      return;
    default:
      putEvidence(content, change);
  }
}

function trim(content: Content, kept: number): void {
  const settled = numbered(content).filter(({ isPending }) => !isPending);
  const dropped = settled.slice(0, Math.max(0, settled.length - kept));
  for (const { number } of dropped) content.notifications.delete(number);
}

function putEvidence(
  content: Content,
  change: Extract<
    Change,
    { kind: "append" | "consume" | "put-row" | "put-checkpoint" | "drop-rows" }
  >,
): void {
  const { kind, ...stored } = change;
  switch (change.kind) {
    case "append":
      pushTo(content.entries, change.rolloutId, stored as StoredEntry);
      return;
    case "consume":
      pushTo(content.ticks, change.rolloutId, stored as StoredTick);
      dropRows(content, change.rolloutId, change.tick);
      return;
    case "put-row":
      content.rows.set(rowId(change), stored as StoredRow);
      return;
    case "put-checkpoint":
      content.checkpoints.set(change.rolloutId, stored as StoredCheckpoint);
      return;
    case "drop-rows":
      content.checkpoints.delete(change.rolloutId);
      dropRows(content, change.rolloutId, null);
      return;
    default:
      throw new TypeError(`no such change: ${kind}`);
  }
}

function pushTo<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function dropRows(content: Content, rolloutId: string, tick: number | null): void {
  for (const [id, row] of content.rows) {
    if (row.rolloutId === rolloutId && (tick === null || row.tick === tick)) {
      content.rows.delete(id);
    }
  }
}
