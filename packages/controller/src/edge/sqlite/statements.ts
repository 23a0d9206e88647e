// Every statement that the store runs, by the group that it belongs to.

export const LEAD = {
  create: "INSERT INTO store (one, store_id, fence) VALUES (1, ?, 0) ON CONFLICT (one) DO NOTHING",
  raise: "UPDATE store SET fence = fence + 1 RETURNING store_id, fence",
  fence: "SELECT fence FROM store",
} as const;

export const ROUTING = {
  get: "SELECT number, text FROM routing",
  put: `
    INSERT INTO routing (one, number, text) VALUES (1, ?, ?)
    ON CONFLICT (one) DO UPDATE SET number = excluded.number, text = excluded.text
    WHERE excluded.number > routing.number`,
} as const;

export const MODELS = {
  all: "SELECT name, text FROM models ORDER BY name",
  put: `
    INSERT INTO models (name, text) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET text = excluded.text`,
  delete: "DELETE FROM models WHERE name = ?",
} as const;

const ROLLOUT_COLUMNS = "id, model, started_at_ms, is_open, late_requests, view";

export const ROLLOUTS: Readonly<Record<"open" | "newest" | "newestOf" | "get" | "put", string>> = {
  open: `SELECT ${ROLLOUT_COLUMNS} FROM rollouts WHERE is_open = 1 ORDER BY started_at_ms, id`,
  newest: `SELECT ${ROLLOUT_COLUMNS} FROM rollouts ORDER BY started_at_ms DESC, id DESC LIMIT ?`,
  newestOf: `
    SELECT ${ROLLOUT_COLUMNS} FROM rollouts WHERE model = ?
    ORDER BY started_at_ms DESC, id DESC LIMIT ?`,
  get: `SELECT ${ROLLOUT_COLUMNS} FROM rollouts WHERE id = ?`,
  put: `
    INSERT INTO rollouts (${ROLLOUT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
      is_open = excluded.is_open, late_requests = excluded.late_requests, view = excluded.view`,
};

export const JOURNAL = {
  /** Inserts nothing unless the sequence is the next one. */
  append: `
    INSERT INTO journal (rollout_id, sequence, text, hash)
    SELECT ?1, ?2, ?3, ?4
    WHERE ?2 = 1 + (SELECT coalesce(max(sequence), 0) FROM journal WHERE rollout_id = ?1)`,
  above: `
    SELECT rollout_id, sequence, text, hash FROM journal
    WHERE rollout_id = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
} as const;

export const FREEZES = {
  get: "SELECT text FROM freezes",
  put: `
    INSERT INTO freezes (one, text) VALUES (1, ?)
    ON CONFLICT (one) DO UPDATE SET text = excluded.text`,
} as const;

export const PREFLIGHTS = {
  all: "SELECT model, text FROM preflights ORDER BY model",
  put: `
    INSERT INTO preflights (model, text) VALUES (?, ?)
    ON CONFLICT (model) DO UPDATE SET text = excluded.text`,
  delete: "DELETE FROM preflights WHERE model = ?",
} as const;

export const SETTINGS = {
  all: "SELECT name, text FROM settings ORDER BY name",
  put: `
    INSERT INTO settings (name, text) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET text = excluded.text`,
} as const;

const REMARK_COLUMNS = "subject, sequence, at_ms, text, hash";

export const REMARKS: Readonly<Record<"append" | "of" | "latest", string>> = {
  /** Inserts nothing unless the sequence is the next one. */
  append: `
    INSERT INTO remarks (${REMARK_COLUMNS})
    SELECT ?1, ?2, ?3, ?4, ?5
    WHERE ?2 = 1 + (SELECT coalesce(max(sequence), 0) FROM remarks WHERE subject = ?1)`,
  of: `SELECT ${REMARK_COLUMNS} FROM remarks WHERE subject = ? ORDER BY sequence`,
  latest: `
    SELECT ${REMARK_COLUMNS} FROM remarks WHERE subject IN (
      SELECT subject FROM remarks GROUP BY subject ORDER BY max(at_ms) DESC, subject LIMIT ?)
    ORDER BY subject, sequence`,
};

const NOTIFICATION_COLUMNS = "number, is_pending, text";

export const NOTIFICATIONS: Readonly<
  Record<"pending" | "last" | "newest" | "get" | "put" | "trim", string>
> = {
  pending: `SELECT ${NOTIFICATION_COLUMNS} FROM notifications WHERE is_pending = 1 ORDER BY number`,
  last: "SELECT coalesce(max(number), 0) AS last FROM notifications",
  newest: `SELECT ${NOTIFICATION_COLUMNS} FROM notifications ORDER BY number DESC LIMIT ?`,
  get: `SELECT ${NOTIFICATION_COLUMNS} FROM notifications WHERE number = ?`,
  put: `
    INSERT INTO notifications (${NOTIFICATION_COLUMNS}) VALUES (?, ?, ?)
    ON CONFLICT (number) DO UPDATE SET is_pending = excluded.is_pending, text = excluded.text`,
  trim: `
    DELETE FROM notifications WHERE is_pending = 0 AND number NOT IN (
      SELECT number FROM notifications WHERE is_pending = 0 ORDER BY number DESC LIMIT ?)`,
};

export const TICKS = {
  /** Inserts nothing unless the tick is above every stored one. */
  consume: `
    INSERT INTO ticks (rollout_id, tick, after_sequence, consumed_at_ms, text, hash)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6
    WHERE ?2 > (SELECT coalesce(max(tick), -1) FROM ticks WHERE rollout_id = ?1)`,
  above: `
    SELECT rollout_id, tick, after_sequence, consumed_at_ms, text, hash FROM ticks
    WHERE rollout_id = ? AND tick > ? ORDER BY tick LIMIT ?`,
} as const;

export const CHECKPOINTS = {
  get: "SELECT rollout_id, tick, tick_hash, text FROM checkpoints WHERE rollout_id = ?",
  put: `
    INSERT INTO checkpoints (rollout_id, tick, tick_hash, text) VALUES (?, ?, ?, ?)
    ON CONFLICT (rollout_id) DO UPDATE SET
      tick = excluded.tick, tick_hash = excluded.tick_hash, text = excluded.text`,
  drop: "DELETE FROM checkpoints WHERE rollout_id = ?",
} as const;

export const PENDING_ROWS = {
  all: "SELECT rollout_id, tick, row_key, text FROM pending_rows ORDER BY rollout_id, tick, row_key",
  put: `
    INSERT INTO pending_rows (rollout_id, tick, row_key, text) VALUES (?, ?, ?, ?)
    ON CONFLICT (rollout_id, tick, row_key) DO UPDATE SET text = excluded.text`,
  dropTick: "DELETE FROM pending_rows WHERE rollout_id = ? AND tick = ?",
  drop: "DELETE FROM pending_rows WHERE rollout_id = ?",
} as const;

export const MEMBERS = {
  all: "SELECT incarnation, text FROM members ORDER BY incarnation",
  put: `
    INSERT INTO members (incarnation, text) VALUES (?, ?)
    ON CONFLICT (incarnation) DO UPDATE SET text = excluded.text`,
  delete: "DELETE FROM members WHERE incarnation = ?",
} as const;
