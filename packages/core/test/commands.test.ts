// Which command is possible in which phase, and where it takes the rollout. One row a phase, one column a command.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apply,
  type CommandRequest,
  can,
  moveOf,
  type Phase,
  type Rollout,
  type RolloutEvent,
} from "@slipway/core";
import { rolloutIn } from "./rollout-fixture.ts";

/** The columns; what sets controls and moves nobody is in controls.test.ts. */
const MOVING = ["pause", "resume", "promote", "step-back", "rollback", "revert"] as const;

const PHASES: Record<string, Phase> = {
  preflight: { kind: "preflight", sinceMs: 0 },
  "stage-1": { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 },
  "stage-2": { kind: "stage", stage: 1, sinceMs: 0, confirmedAtMs: 0 },
  "stage-3": { kind: "stage", stage: 2, sinceMs: 0, confirmedAtMs: 0 },
  bake: { kind: "bake", sinceMs: 0, confirmedAtMs: 0 },
  "paused-1": { kind: "paused", at: 0, sinceMs: 0 },
  "paused-2": { kind: "paused", at: 1, sinceMs: 0 },
  "paused-bake": { kind: "paused", at: "bake", sinceMs: 0 },
  stepping: { kind: "stepping-back", stage: 0, sinceMs: 0 },
  rolling: { kind: "rolling-back", from: 1, sinceMs: 0 },
  "rolled-back": { kind: "rolled-back", from: 1, sinceMs: 0, confirmMs: 40, expired: [] },
  completed: { kind: "completed", sinceMs: 0, warmUntilMs: 5_000 },
  cold: { kind: "completed", sinceMs: 0, warmUntilMs: 500 },
};

const TABLE = `
               pause        resume   promote    step-back  rollback  revert
  preflight    -            -        stage-1    -          rolling   rolling
  stage-1      paused-1     -        stage-2    -          rolling   rolling
  stage-2      paused-2     -        stage-3    stepping   rolling   rolling
  stage-3      paused       -        bake       stepping   rolling   rolling
  bake         paused-bake  -        completed  stepping   rolling   rolling
  paused-1     -            stage-1  stage-2    -          rolling   rolling
  paused-2     -            stage-2  stage-3    stepping   rolling   rolling
  paused-bake  -            bake     completed  stepping   rolling   rolling
  stepping     -            -        -          -          rolling   rolling
  rolling      -            -        -          -          -         -
  rolled-back  -            -        -          -          -         -
  completed    -            -        -          -          -         new
  cold         -            -        -          -          -         -
`;

function requestOf(command: (typeof MOVING)[number]): CommandRequest {
  return command === "promote" ? { command, to: "next" } : { command };
}

function after(rollout: Rollout, request: CommandRequest): Phase {
  const event: RolloutEvent = {
    type: "moved",
    atMs: 1_000,
    move: moveOf(rollout, request),
    cause: {
      kind: "operator",
      by: "ann",
      command: request.command,
      because: { code: "operator", text: "because" },
    },
    table: rollout.table + 1,
    look: null,
  };
  return apply(rollout, event).phase;
}

/** The name by which the table calls a phase: what is the same but for its times. */
function nameOf(phase: Phase): string {
  if (phase.kind === "stage") return `stage-${phase.stage + 1}`;
  if (phase.kind === "paused" && phase.at !== 2)
    return `paused-${phase.at === "bake" ? "bake" : phase.at + 1}`;
  if (phase.kind === "stepping-back") return "stepping";
  if (phase.kind === "rolling-back") return "rolling";
  return phase.kind;
}

for (const line of TABLE.trim().split("\n").slice(1)) {
  const [name = "", ...cells] = line.trim().split(/ +/);
  test(`commands while ${name}`, () => {
    const phase = PHASES[name];
    assert.ok(phase);
    const rollout = rolloutIn(phase);
    for (const [column, command] of MOVING.entries()) {
      const allowed = can(rollout, command, 1_000);
      const cell = cells[column];
      assert.equal(allowed.ok, cell !== "-", `${command}: ${JSON.stringify(allowed)}`);
      if (!allowed.ok) assert.match(allowed.why, /\w+ \w+/);
      else if (cell !== "new")
        assert.equal(nameOf(after(rollout, requestOf(command))), cell, command);
    }
  });
}

test("promote to the end takes any stage to bake", () => {
  for (const name of ["preflight", "stage-1", "paused-2"]) {
    const rollout = rolloutIn(PHASES[name] ?? { kind: "preflight", sinceMs: 0 });
    assert.equal(after(rollout, { command: "promote", to: "end" }).kind, "bake");
  }
});

test("a refusal says what to do instead", () => {
  const why = (name: string, command: (typeof MOVING)[number]): string => {
    const allowed = can(
      rolloutIn(PHASES[name] ?? { kind: "preflight", sinceMs: 0 }),
      command,
      1_000,
    );
    return allowed.ok ? "" : allowed.why;
  };
  assert.match(why("stage-1", "step-back"), /use rollback/);
  assert.match(why("completed", "rollback"), /use revert to return to gpt-5.0/);
  assert.match(why("rolled-back", "promote"), /start a new one/);
  assert.match(why("cold", "revert"), /no longer kept warm; start a rollout back/);
});
