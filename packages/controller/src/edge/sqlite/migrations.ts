// The schema's history: numbered, applied once each, never changed after a release. Two type words, TEXT and
// BIGINT, which every database that Slipway uses understands.

export type Migration = { readonly number: number; readonly sql: string };

export const MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    sql: `
CREATE TABLE store (
  one BIGINT PRIMARY KEY CHECK (one = 1),
  store_id TEXT NOT NULL,
  fence BIGINT NOT NULL
);
CREATE TABLE routing (
  one BIGINT PRIMARY KEY CHECK (one = 1),
  number BIGINT NOT NULL,
  text TEXT NOT NULL
);
CREATE TABLE models (
  name TEXT PRIMARY KEY,
  text TEXT NOT NULL
);
CREATE TABLE rollouts (
  id TEXT PRIMARY KEY,
  model TEXT NOT NULL,
  started_at_ms BIGINT NOT NULL,
  is_open BIGINT NOT NULL,
  late_requests BIGINT NOT NULL,
  view TEXT
);
CREATE INDEX rollouts_by_start ON rollouts (started_at_ms, id);
CREATE TABLE journal (
  rollout_id TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  text TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (rollout_id, sequence)
);
CREATE TABLE ticks (
  rollout_id TEXT NOT NULL,
  tick BIGINT NOT NULL,
  after_sequence BIGINT NOT NULL,
  text TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (rollout_id, tick)
);
CREATE TABLE pending_rows (
  rollout_id TEXT NOT NULL,
  tick BIGINT NOT NULL,
  row_key TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (rollout_id, tick, row_key)
);
CREATE TABLE members (
  incarnation TEXT PRIMARY KEY,
  text TEXT NOT NULL
);
`,
  },
  {
    number: 2,
    sql: `
CREATE TABLE checkpoints (
  rollout_id TEXT PRIMARY KEY,
  tick BIGINT NOT NULL,
  tick_hash TEXT NOT NULL,
  text TEXT NOT NULL
);
`,
  },
  {
    number: 3,
    sql: `
CREATE TABLE freezes (
  one BIGINT PRIMARY KEY CHECK (one = 1),
  text TEXT NOT NULL
);
ALTER TABLE ticks ADD COLUMN consumed_at_ms BIGINT NOT NULL DEFAULT 0;
`,
  },
  {
    number: 4,
    sql: `
CREATE TABLE preflights (
  model TEXT PRIMARY KEY,
  text TEXT NOT NULL
);
`,
  },
  {
    number: 5,
    sql: `
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  text TEXT NOT NULL
);
CREATE TABLE remarks (
  subject TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  at_ms BIGINT NOT NULL,
  text TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (subject, sequence)
);
`,
  },
  {
    number: 6,
    sql: `
CREATE TABLE notifications (
  number BIGINT PRIMARY KEY,
  is_pending BIGINT NOT NULL,
  text TEXT NOT NULL
);
`,
  },
];

export const SCHEMA_NUMBER: number = MIGRATIONS.at(-1)?.number ?? 0;
