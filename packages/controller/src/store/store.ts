// The store port: where a controller keeps everything that must outlive it. Texts and numbers only, so that one
// conformance suite covers every database; what the texts mean is the controller's business.

export type StoredModel = { readonly name: string; readonly text: string };

export type StoredTable = { readonly number: number; readonly text: string };

export type StoredRollout = {
  readonly id: string;
  readonly model: string;
  readonly startedAtMs: number;
  /** Whether it still moves or still absorbs evidence. Closed rollouts are history. */
  readonly open: boolean;
  /** Requests whose evidence came too late to be judged. */
  readonly lateRequests: number;
  /** The last view of a closed rollout; null while it is open. */
  readonly view: string | null;
};

/** One journal entry: hash = digest(hash of the entry before + "\n" + text). */
export type StoredEntry = {
  readonly rolloutId: string;
  readonly sequence: number;
  readonly text: string;
  readonly hash: string;
};

/** A consumed tick, never changed again: the text that was absorbed, and after which journal entry. */
export type StoredTick = {
  readonly rolloutId: string;
  readonly tick: number;
  readonly afterSequence: number;
  /** When, on the controller's clock: decisions knew it from then on. */
  readonly consumedAtMs: number;
  readonly text: string;
  readonly hash: string;
};

/** What a rollout had learnt up to a consumed tick, so that opening need not absorb all ticks before it again. */
export type StoredCheckpoint = {
  readonly rolloutId: string;
  readonly tick: number;
  /** Hash of that tick. */
  readonly tickHash: string;
  readonly text: string;
};

/** An evidence row that waits for its tick to be consumed. */
export type StoredRow = {
  readonly rolloutId: string;
  readonly tick: number;
  readonly key: string;
  readonly text: string;
};

/** What gates have found of a model's versions, all of it in one text. */
export type StoredPreflights = { readonly model: string; readonly text: string };

/** One act on a subject, an incident for example: hash as of journal entries. */
export type StoredRemark = {
  readonly subject: string;
  readonly sequence: number;
  readonly atMs: number;
  readonly text: string;
  readonly hash: string;
};

/** What somebody is told, beyond Slipway. */
export type StoredNotification = {
  /** 1, 2, 3, … within the store. */
  readonly number: number;
  /** Whether it has yet to be sent, or sent again. */
  readonly isPending: boolean;
  readonly text: string;
};

/** Something that there is one of, by name. */
export type StoredSetting = { readonly name: string; readonly text: string };

export type StoredMember = { readonly incarnation: string; readonly text: string };

export type Change =
  | ({ readonly kind: "put-model" } & StoredModel)
  /** And its preflights. */
  | { readonly kind: "delete-model"; readonly name: string }
  | ({ readonly kind: "put-preflights" } & StoredPreflights)
  /** What keeps rollouts from moving forwards, all of it in one text. */
  | { readonly kind: "put-freezes"; readonly text: string }
  /** Refused unless its number is above the stored one. */
  | ({ readonly kind: "put-table" } & StoredTable)
  | ({ readonly kind: "put-rollout" } & StoredRollout)
  /** Refused unless its sequence follows the last one. */
  | ({ readonly kind: "append" } & StoredEntry)
  /** Keeps the tick for good, and drops its waiting rows. */
  | ({ readonly kind: "consume" } & StoredTick)
  | ({ readonly kind: "put-row" } & StoredRow)
  /** In place of the rollout's earlier one. */
  | ({ readonly kind: "put-checkpoint" } & StoredCheckpoint)
  /** And its checkpoint. */
  | { readonly kind: "drop-rows"; readonly rolloutId: string }
  | ({ readonly kind: "put-setting" } & StoredSetting)
  /** Refused unless its sequence follows the subject's last one. */
  | ({ readonly kind: "remark" } & StoredRemark)
  /** In place of the earlier one of its number. */
  | ({ readonly kind: "put-notification" } & StoredNotification)
  /** Of those that are not pending the newest so many stay. */
  | { readonly kind: "trim-notifications"; readonly kept: number }
  | ({ readonly kind: "put-member" } & StoredMember)
  | { readonly kind: "delete-member"; readonly incarnation: string };

/** What a controller loads when it opens a store; journals and ticks are read page by page. */
export type Snapshot = {
  /** Given to every commit. Opening again, here or elsewhere, makes it worthless. */
  readonly fence: number;
  /** Made once, with the store. */
  readonly storeId: string;
  readonly table: StoredTable | null;
  readonly models: readonly StoredModel[];
  /** Null where nothing was ever frozen. */
  readonly freezes: string | null;
  readonly preflights: readonly StoredPreflights[];
  readonly settings: readonly StoredSetting[];
  /** Those that are pending, in order, and the highest number that was ever given; 0 for none. */
  readonly notifications: {
    readonly pending: readonly StoredNotification[];
    readonly last: number;
  };
  readonly openRollouts: readonly StoredRollout[];
  readonly rows: readonly StoredRow[];
  readonly members: readonly StoredMember[];
};

export type StoreReader = {
  /** The newest first; of one model, or of all for null. */
  readonly rollouts: (model: string | null, limit: number) => Promise<readonly StoredRollout[]>;
  readonly rollout: (id: string) => Promise<StoredRollout | null>;
  /** Entries above a sequence, in order. */
  readonly entries: (
    rolloutId: string,
    aboveSequence: number,
    limit: number,
  ) => Promise<readonly StoredEntry[]>;
  /** Consumed ticks above a tick, in order. */
  readonly ticks: (
    rolloutId: string,
    aboveTick: number,
    limit: number,
  ) => Promise<readonly StoredTick[]>;
  readonly checkpoint: (rolloutId: string) => Promise<StoredCheckpoint | null>;
  /** All of one subject, in order. */
  readonly remarks: (subject: string) => Promise<readonly StoredRemark[]>;
  /** All of those subjects that were recorded of last, subject by subject, each in order. */
  readonly latestRemarks: (subjectsMax: number) => Promise<readonly StoredRemark[]>;
  /** The newest first. */
  readonly notifications: (limit: number) => Promise<readonly StoredNotification[]>;
  readonly notification: (number: number) => Promise<StoredNotification | null>;
};

export type Store = StoreReader & {
  /** Takes the lead: raises the fence, so that every earlier leader's commits fail with `deposed`. */
  readonly open: () => Promise<Snapshot>;
  /** All changes or none, durable when it resolves. A rejection other than `deposed` leaves open which. */
  readonly commit: (fence: number, changes: readonly Change[]) => Promise<void>;
  readonly close: () => Promise<void>;
};
