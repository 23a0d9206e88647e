// What gates are given in tests: a version without servers, and ports that nobody expects to be used.

import { createHash } from "node:crypto";
import { type Clock, createRandom, type Policy, type Version } from "@slipway/core";
import type { Served, Surroundings } from "@slipway/preflight";
import { systemClock } from "@slipway/preflight/edge";
import type { DrillsView } from "@slipway/wire";
import { loadConfig } from "@slipway/wire/config";

export function served(id: string, baseUrl: string = "http://127.0.0.1:9/v1"): Served {
  const version: Version = { id, upstreams: [], identity: {}, fingerprint: `fingerprint of ${id}` };
  const headers = { authorization: "Bearer secret-key" };
  return { version, endpoints: [{ id, baseUrl, model: id, headers, caFile: null }] };
}

const FILE = `
models:
  coder:
    stable: v1
    versions: { v1: { upstreams: [{ url: "http://127.0.0.1:9/v1" }] } }
`;

/** What a team gets that configures nothing. */
export const POLICY: Policy = defaultPolicy();

function defaultPolicy(): Policy {
  const loaded = loadConfig({ file: "test", text: FILE, sha256: (text) => text, isSet: null });
  const model = loaded.ok ? loaded.models[0] : undefined;
  if (model === undefined) throw new Error("the default policy cannot be read");
  return model.policy;
}

function unexpected(what: string): () => never {
  return () => {
    throw new Error(`nobody expected ${what}`);
  };
}

/** What a controller says of a model whose way back was never rehearsed. */
const NEVER_DRILLED: DrillsView = {
  model: "coder",
  standIn: "coder:drill",
  order: { schedule: null, gateways: [], keyEnv: null, detectMsMax: 1, confirmMsMax: 1 },
  drilling: null,
  drills: [],
  lapse: null,
  horizonMs: 60_000,
};

export function surroundings(changes: Partial<Surroundings> = {}): Surroundings {
  return {
    model: "coder",
    stable: served("v1"),
    candidate: served("v2"),
    policy: POLICY,
    learnt: [],
    clock: systemClock,
    random: createRandom,
    ask: unexpected("a question"),
    files: { read: unexpected("a file") },
    listFolder: unexpected("a folder"),
    runCommand: unexpected("a command"),
    scoring: {
      match: unexpected("a pattern"),
      grammars: unexpected("code"),
      live: { parser: unexpected("code"), names: unexpected("names") },
      isolation: unexpected("unit tests"),
      marker: unexpected("unit tests"),
    },
    secret: unexpected("a secret"),
    shoot: unexpected("load"),
    http: unexpected("a call"),
    mirroring: {
      start: unexpected("a mirror"),
      look: unexpected("a mirror"),
      stop: unexpected("a mirror"),
    },
    drilling: {
      key: unexpected("a drill"),
      look: () => Promise.resolve(NEVER_DRILLED),
      phase: unexpected("a drill"),
      start: unexpected("a drill"),
      fault: unexpected("a drill"),
      end: unexpected("a drill"),
    },
    drifting: {
      view: unexpected("a watch for drift"),
      takeBaseline: unexpected("a watch for drift"),
      look: unexpected("a watch for drift"),
    },
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    pools: [],
    signal: new AbortController().signal,
    ...changes,
  };
}

/** What is waited for is there at once. */
export function hastyClock(startMs: number): Clock {
  let nowMs = startMs;
  return {
    wall: () => nowMs,
    mono: () => nowMs,
    after: (delayMs, fire) => {
      const soon = setImmediate(() => {
        nowMs += delayMs;
        fire();
      });
      return () => clearImmediate(soon);
    },
  };
}
