CREATE TABLE checkpoints (
  rollout_id TEXT PRIMARY KEY,
  tick BIGINT NOT NULL,
  tick_hash TEXT NOT NULL,
  text TEXT NOT NULL
);
CREATE TABLE freezes (
  one BIGINT PRIMARY KEY CHECK (one = 1),
  text TEXT NOT NULL
);
CREATE TABLE journal (
  rollout_id TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  text TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (rollout_id, sequence)
);
CREATE TABLE members (
  incarnation TEXT PRIMARY KEY,
  text TEXT NOT NULL
);
CREATE TABLE models (
  name TEXT PRIMARY KEY,
  text TEXT NOT NULL
);
CREATE TABLE notifications (
  number BIGINT PRIMARY KEY,
  is_pending BIGINT NOT NULL,
  text TEXT NOT NULL
);
CREATE TABLE pending_rows (
  rollout_id TEXT NOT NULL,
  tick BIGINT NOT NULL,
  row_key TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (rollout_id, tick, row_key)
);
CREATE TABLE preflights (
  model TEXT PRIMARY KEY,
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
CREATE TABLE rollouts (
  id TEXT PRIMARY KEY,
  model TEXT NOT NULL,
  started_at_ms BIGINT NOT NULL,
  is_open BIGINT NOT NULL,
  late_requests BIGINT NOT NULL,
  view TEXT
);
CREATE INDEX rollouts_by_start ON rollouts (started_at_ms, id);
CREATE TABLE routing (
  one BIGINT PRIMARY KEY CHECK (one = 1),
  number BIGINT NOT NULL,
  text TEXT NOT NULL
);
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  text TEXT NOT NULL
);
CREATE TABLE store (
  one BIGINT PRIMARY KEY CHECK (one = 1),
  store_id TEXT NOT NULL,
  fence BIGINT NOT NULL
);
CREATE TABLE ticks (
  rollout_id TEXT NOT NULL,
  tick BIGINT NOT NULL,
  after_sequence BIGINT NOT NULL,
  text TEXT NOT NULL,
  hash TEXT NOT NULL, consumed_at_ms BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (rollout_id, tick)
);
